using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>How bad a finding is.</summary>
internal enum LintLevel
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>A part of the rule does not do what it seems to.</summary>
    Warning,

    /// <summary>The rule is not in the set, or can never fire.</summary>
    Error,
}

/// <summary>A kind of finding.</summary>
/// <param name="Id">Such as <c>never-fires/unknown-event</c>; stays the same from version to version.</param>
/// <param name="Title">What it is about, in one sentence.</param>
/// <param name="Source">What the lint is founded on; empty where that is plain.</param>
internal sealed record Lint(string Id, string Title, string Source = "");

/// <summary>Something to know of a rule.</summary>
/// <param name="Kind">Of which kind.</param>
/// <param name="Level">How bad.</param>
/// <param name="Place">Of the field or value, if it was found in the file; else of the rule.</param>
/// <param name="Rule">What people call the rule; null if there is none.</param>
/// <param name="Reason">What is wrong, naming the part.</param>
/// <param name="Mend">What to do about it; empty where nothing need be done.</param>
internal sealed record Finding(Lint Kind, LintLevel Level, RulePlace Place, string? Rule, string Reason, string Mend)
{
    /// <summary>The level as compilers and SARIF write it.</summary>
    public string LevelWord => WordOf(Level);

    /// <summary><c>file:line:column: level: reason (mend) [id]</c>.</summary>
    public override string ToString() => $"{Place}: {LevelWord}: {Reason}{(Mend.Length == 0 ? "" : $" ({Mend})")} [{Kind.Id}]";

    /// <inheritdoc cref="LevelWord"/>
    public static string WordOf(LintLevel level) =>
        level switch
        {
            LintLevel.Note => "note",
            LintLevel.Warning => "warning",
            _ => "error",
        };
}
