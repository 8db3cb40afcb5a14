namespace Detector.App.Practices;

/// <summary>What a rule's alert says of a practice.</summary>
internal enum Weight
{
    /// <summary>Somebody tried to depart from it and was refused.</summary>
    Attempt,

    /// <summary>It may have been departed from: somebody has to look.</summary>
    Sign,

    /// <summary>It was departed from.</summary>
    Departure,
}

/// <summary>Whether a practice is kept, as far as an archive tells.</summary>
internal enum Verdict
{
    /// <summary>Records show that it was departed from.</summary>
    Violated,

    /// <summary>Records hint at it, and somebody has to look.</summary>
    Suspected,

    /// <summary>Somebody tried to and was refused.</summary>
    Attempted,

    /// <summary>Records that could show it are there, and none does.</summary>
    NothingSeen,

    /// <summary>Nothing is there that could show it.</summary>
    CannotTell,
}

/// <summary>How far to rely on a verdict.</summary>
internal enum Sureness
{
    /// <summary>Single records prove it.</summary>
    Certain,

    /// <summary>Signs, or the silence of an archive that holds all that the practice asks.</summary>
    Likely,

    /// <summary>The silence of an archive that lacks some of it.</summary>
    Unsure,

    /// <summary>Nobody knows.</summary>
    Unknown,
}

/// <summary>What people, and programs that read scorecards, see of these.</summary>
internal static class VerdictWords
{
    public static string Word(this Verdict verdict) =>
        verdict switch
        {
            Verdict.NothingSeen => "nothing seen",
            Verdict.CannotTell => "cannot tell",
            _ => verdict.ToString().ToLowerInvariant(),
        };

    public static string Word(this Sureness sureness) => sureness.ToString().ToLowerInvariant();

    public static string Word(this Weight weight) => weight.ToString().ToLowerInvariant();
}
