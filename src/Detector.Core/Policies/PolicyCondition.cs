namespace Detector.Core.Policies;

/// <summary>The condition of a statement: all its tests must hold.</summary>
internal sealed class PolicyCondition(ConditionTest[] tests)
{
    /// <summary>No condition.</summary>
    public static PolicyCondition None { get; } = new([]);

    public IReadOnlyList<ConditionTest> Tests => tests;

    /// <summary>
    /// Whether it narrows an Allow so little that it might as well be missing: every test passes for nearly everybody, or is passed by leaving a key out.
    /// </summary>
    /// <param name="at">The time of the event: a date before it is no condition any more.</param>
    public bool IsTrivial(DateTimeOffset at) => Array.TrueForAll(tests, test => test.IsTrivial(at));

    /// <summary>The condition as it meets the requests of somebody of whom something is known.</summary>
    public PolicyCondition For(PolicyHolder holder) => tests.Length == 0 ? this : new(Array.ConvertAll(tests, test => test.For(holder)));

    /// <summary>Whether it always holds, which is what a Deny needs to count as one without a condition.</summary>
    public bool IsCertain(DateTimeOffset at) => Array.TrueForAll(tests, test => test.IsCertain(at));

    /// <summary>Whether a service passes that comes for a resource.</summary>
    /// <param name="source">The resource's ARN.</param>
    /// <param name="others">What becomes of tests that are about something else.</param>
    public bool PassesFor(string source, bool others) => tests.Length > 0 ? Array.TrueForAll(tests, test => test.PassesFor(source) ?? others) : others;

    /// <summary>What an Allow under this condition asks of the caller.</summary>
    public Controls Requires(DateTimeOffset at) => tests.Aggregate(Controls.None, (all, test) => all | test.Requires(at));

    /// <summary>
    /// What a Deny under this condition asks of callers who want to escape it, as in "Deny where no MFA is present". Nothing if the Deny needs something
    /// else besides.
    /// </summary>
    public Controls Guards(DateTimeOffset at)
    {
        var guards = Controls.None;
        foreach (var test in tests)
        {
            var guard = test.Guards(at);
            if (guard == Controls.None && !test.IsTrivialInGuard(at))
            {
                return Controls.None;
            }
            guards |= guard;
        }
        return guards;
    }
}

/// <summary>What a condition asks of a caller beyond being who it is.</summary>
[Flags]
internal enum Controls
{
    None = 0,

    /// <summary>To have signed in with MFA.</summary>
    Mfa = 1,

    /// <summary>To come from certain addresses, networks or resources.</summary>
    Source = 2,

    /// <summary>To belong to an organisation.</summary>
    Organization = 4,

    /// <summary>To know the external id that both sides agreed upon.</summary>
    ExternalId = 8,
}
