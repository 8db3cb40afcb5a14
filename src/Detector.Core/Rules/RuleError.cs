namespace Detector.Core.Rules;

/// <summary>Why a rule was refused, or what is doubtful about one that was taken.</summary>
/// <param name="Place">Where in which file.</param>
/// <param name="Reason">What is wrong, naming the part.</param>
/// <param name="Mend">What to do about it; empty where it is plain.</param>
public sealed record RuleError(RulePlace Place, string Reason, string Mend = "")
{
    /// <summary><c>file:line:column: reason (mend)</c>.</summary>
    public override string ToString() => Mend.Length == 0 ? $"{Place}: {Reason}" : $"{Place}: {Reason} ({Mend})";
}
