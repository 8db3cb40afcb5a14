namespace Detector.Core.Policies;

/// <summary>One statement of a policy.</summary>
/// <param name="Allows">Effect Allow, not Deny.</param>
/// <param name="Actions">Patterns in lower case.</param>
/// <param name="Resources">Patterns of ARNs; empty and <see cref="PatternList.Except"/> where the statement names none, as in a trust policy.</param>
/// <param name="Principals">Who; null in a policy of an identity, which names nobody.</param>
/// <param name="Condition">When.</param>
internal sealed record PolicyStatement(bool Allows, PatternList Actions, PatternList Resources, PrincipalList? Principals, PolicyCondition Condition)
{
    /// <summary>
    /// The statement as it meets one holder: an Allow that asks for what the holder is anyway asks for nothing. A Deny stays as it is: of the holder's own sessions
    /// some are told otherwise (GetFederationToken), and what it leaves open counts.
    /// </summary>
    public PolicyStatement For(PolicyHolder holder) => Allows ? this with { Condition = Condition.For(holder) } : this;
}

/// <summary>Wildcard patterns.</summary>
/// <param name="Patterns">The patterns.</param>
/// <param name="Except">All but what they match, as NotAction and NotResource say it.</param>
internal readonly record struct PatternList(string[] Patterns, bool Except)
{
    /// <summary>Everything.</summary>
    public static PatternList All { get; } = new([], true);

    /// <summary>Whether the list means a text.</summary>
    public bool Contains(string text)
    {
        foreach (var pattern in Patterns)
        {
            if (Wildcard.Matches(pattern, text))
            {
                return !Except;
            }
        }
        return Except;
    }
}

/// <summary>The principals of a statement.</summary>
/// <param name="Principals">As they are written.</param>
/// <param name="Except">NotPrincipal: everybody else.</param>
internal sealed record PrincipalList(Principal[] Principals, bool Except);
