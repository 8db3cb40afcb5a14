namespace Detector.Core.Rules.Sigma;

/// <summary>A part of a YAML document. Two that are equal cannot both be keys of a map.</summary>
/// <param name="tag">Such as <c>!name</c>; null for none.</param>
/// <param name="place">Where it begins.</param>
internal abstract class YamlNode(string? tag, RulePlace place)
{
    protected string? Tag => tag;

    public RulePlace Place => place;
}

/// <summary>A text; see <see cref="Yaml.Value"/> for what it stands for.</summary>
/// <param name="text">As it is meant, without quotes.</param>
/// <param name="isPlain">Whether it was written without any, and not as a block.</param>
/// <param name="place">Where it begins.</param>
/// <param name="tag">Such as <c>!name</c>; null for none.</param>
internal sealed class YamlScalar(string text, bool isPlain, RulePlace place, string? tag = null) : YamlNode(tag, place)
{
    public string Text => text;

    public bool IsPlain => isPlain;

    public override bool Equals(object? obj) => obj is YamlScalar other && text == other.Text && Tag == other.Tag;

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => text;
}

/// <summary>A list.</summary>
/// <param name="items">In the order written.</param>
/// <param name="place">Where it begins.</param>
/// <param name="tag">Such as <c>!name</c>; null for none.</param>
internal sealed class YamlList(List<YamlNode> items, RulePlace place, string? tag = null) : YamlNode(tag, place)
{
    public List<YamlNode> Items => items;

    public override bool Equals(object? obj) => obj is YamlList other && Tag == other.Tag && items.SequenceEqual(other.Items);

    public override int GetHashCode() => items.Aggregate(items.Count, HashCode.Combine);

    public override string ToString() => $"[ {string.Join(", ", items)} ]";
}

/// <summary>Keys with their values. Two maps are never equal.</summary>
/// <param name="entries">In the order written; no two keys are equal.</param>
/// <param name="place">Where it begins.</param>
/// <param name="tag">Such as <c>!name</c>; null for none.</param>
internal sealed class YamlMap(List<KeyValuePair<YamlNode, YamlNode>> entries, RulePlace place, string? tag = null) : YamlNode(tag, place)
{
    public List<KeyValuePair<YamlNode, YamlNode>> Entries => entries;
}
