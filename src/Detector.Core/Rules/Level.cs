namespace Detector.Core.Rules;

/// <summary>How much is at stake, in the words of the Sigma specification (rule attribute <c>level</c>).</summary>
public enum Level
{
    /// <summary>Worth keeping; nobody is told.</summary>
    Informational,

    /// <summary>Worth a look in a quiet hour.</summary>
    Low,

    /// <summary>Worth a look today.</summary>
    Medium,

    /// <summary>Worth a look now.</summary>
    High,

    /// <summary>Wakes somebody.</summary>
    Critical,
}

/// <summary>How levels are written.</summary>
public static class Levels
{
    /// <summary>The level in lower case, as Sigma writes it.</summary>
    public static string Word(this Level level) =>
        level switch
        {
            Level.Informational => "informational",
            Level.Low => "low",
            Level.Medium => "medium",
            Level.High => "high",
            _ => "critical",
        };
}
