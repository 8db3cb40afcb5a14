namespace Detector.Core.Rules.Sigma;

/// <summary>A rule that cannot be taken. Thrown inside the reader only: callers see <see cref="RuleError"/>s.</summary>
internal sealed class SigmaException(RulePlace place, string reason, string mend = "") : Exception(reason)
{
    public SigmaException(YamlNode node, string reason, string mend = "")
        : this(node.Place, reason, mend) { }

    public RuleError Error => new(place, Message, mend);
}
