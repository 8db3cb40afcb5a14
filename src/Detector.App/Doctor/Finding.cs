namespace Detector.App.Doctor;

/// <summary>What was found of one part of a deployment.</summary>
/// <param name="Part">Such as <c>queue</c>.</param>
/// <param name="State">How it stands.</param>
/// <param name="What">What is so, in one line.</param>
/// <param name="Mend">What to do about it; null if nothing is to be done.</param>
internal sealed record Finding(string Part, FindingState State, string What, string? Mend = null)
{
    public static Finding Ok(string part, string what) => new(part, FindingState.Ok, what);

    public static Finding Warning(string part, string what, string mend) => new(part, FindingState.Warning, what, mend);

    public static Finding Problem(string part, string what, string mend) => new(part, FindingState.Problem, what, mend);

    public static Finding Unknown(string part, string what, string mend) => new(part, FindingState.Unknown, what, mend);
}

/// <summary>How a part stands.</summary>
internal enum FindingState
{
    /// <summary>As it should.</summary>
    Ok,

    /// <summary>It works, and something is doubtful.</summary>
    Warning,

    /// <summary>Events or alerts are lost, or will be.</summary>
    Problem,

    /// <summary>It could not be looked at.</summary>
    Unknown,
}
