using YamlDotNet.RepresentationModel;

namespace Detector.Core.Rules.Sigma;

/// <summary>A rule that cannot be taken. Thrown inside the reader only: callers see <see cref="RuleError"/>s.</summary>
internal sealed class SigmaException(YamlNode node, string reason, string mend = "") : Exception(reason)
{
    public string Mend => mend;

    public RulePlace Place(string file) => new(file, Math.Max(1, (int)node.Start.Line), Math.Max(1, (int)node.Start.Column));
}
