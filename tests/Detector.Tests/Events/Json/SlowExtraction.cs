using System.Text.Json;

namespace Detector.Tests.Events.Json;

/// <summary>The values of a dotted path, by parsing everything and walking it: what the scanner must agree with.</summary>
internal static class SlowExtraction
{
    /// <summary>In the order of the text. An array is a value, and so is each of its elements; a key may itself hold dots.</summary>
    public static IEnumerable<JsonElement> Values(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }
        foreach (var member in element.EnumerateObject())
        {
            var found =
                member.Name == path ? WithElements(member.Value)
                : path.StartsWith(member.Name + ".", StringComparison.Ordinal) ? Below(member.Value, path[(member.Name.Length + 1)..])
                : [];
            foreach (var value in found)
            {
                yield return value;
            }
        }
    }

    private static IEnumerable<JsonElement> WithElements(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(WithElements).Prepend(value) : [value];

    private static IEnumerable<JsonElement> Below(JsonElement value, string rest) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(item => Below(item, rest)) : Values(value, rest);
}
