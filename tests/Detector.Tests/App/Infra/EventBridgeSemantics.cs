using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Detector.Tests.App.Infra;

/// <summary>
/// Whether an event meets an EventBridge pattern, worked out the slow way from what AWS documents: EventBridge User Guide, "Event patterns", "Comparison operators
/// for use in event patterns", "Matching on null values and empty strings", "Matching arrays". It shares no code with the program.
/// </summary>
internal static class EventBridgeSemantics
{
    /// <summary>Every field that the pattern names must be there under the same names, with one of the values given.</summary>
    public static bool Matches(string pattern, string json)
    {
        using var wanted = JsonDocument.Parse(pattern);
        using var found = JsonDocument.Parse(json);
        return Matches(wanted.RootElement, [found.RootElement]);
    }

    /// <param name="pattern">An object of the pattern.</param>
    /// <param name="places">The objects of the event that stand in its place: several below an array. All fields must hold in one of them.</param>
    private static bool Matches(JsonElement pattern, IReadOnlyList<JsonElement> places) =>
        places.Any(place => pattern.EnumerateObject().All(field => Holds(field, place)));

    private static bool Holds(JsonProperty field, JsonElement place)
    {
        if (field.Name == "$or" && IsOr(field.Value))
            return field.Value.EnumerateArray().Any(branch => Matches(branch, [place]));
        var value = place.ValueKind == JsonValueKind.Object && place.TryGetProperty(field.Name, out var there) ? there : default(JsonElement?);
        return field.Value.ValueKind == JsonValueKind.Object
            ? Matches(field.Value, value is { } inner ? Elements(inner) : [JsonDocument.Parse("{}").RootElement])
            : field.Value.EnumerateArray().Any(test => Meets(test, value is { } leaf ? [.. Elements(leaf).Where(IsLeaf)] : []));
    }

    private static bool IsOr(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() >= 2 && value.EnumerateArray().All(branch => branch.ValueKind == JsonValueKind.Object);

    private static IReadOnlyList<JsonElement> Elements(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().SelectMany(Elements)] : [value];

    private static bool IsLeaf(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);

    /// <summary>An array in the event meets a test if one of its elements does.</summary>
    private static bool Meets(JsonElement test, IReadOnlyList<JsonElement> leaves)
    {
        if (test.ValueKind != JsonValueKind.Object)
            return leaves.Any(leaf => IsSame(test, leaf));
        var operation = test.EnumerateObject().Single();
        return operation.Name == "exists" ? leaves.Count > 0 == operation.Value.GetBoolean() : leaves.Any(leaf => Meets(operation.Name, operation.Value, leaf));
    }

    private static bool Meets(string operation, JsonElement operand, JsonElement leaf) =>
        operation switch
        {
            "anything-but" => IsOther(operand, leaf),
            "numeric" => leaf.ValueKind == JsonValueKind.Number && InRange([.. operand.EnumerateArray()], leaf.GetDecimal()),
            "cidr" => leaf.ValueKind == JsonValueKind.String
                && IPAddress.TryParse(leaf.GetString(), out var address)
                && IPNetwork.Parse(operand.GetString()!) is var network
                && network.BaseAddress.AddressFamily == address.AddressFamily
                && network.Contains(address),
            _ => leaf.ValueKind == JsonValueKind.String && IsText(operation, operand, leaf.GetString()!),
        };

    private static bool IsText(string operation, JsonElement operand, string text)
    {
        // prefix and suffix may say that case does not matter.
        var folds = operation == "equals-ignore-case" || operand.ValueKind == JsonValueKind.Object;
        var other = operand.ValueKind == JsonValueKind.Object ? operand.GetProperty("equals-ignore-case").GetString()! : operand.GetString()!;
        var comparison = folds ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return operation switch
        {
            "prefix" => text.StartsWith(other, comparison),
            "suffix" => text.EndsWith(other, comparison),
            "equals-ignore-case" => text.Equals(other, comparison),
            "wildcard" => IsWild(other, text),
            _ => throw new ArgumentException($"EventBridge knows no operator '{operation}'", nameof(operation)),
        };
    }

    /// <summary>A value or a list of values, or one of some operators with one text or a list of them.</summary>
    private static bool IsOther(JsonElement operand, JsonElement leaf) =>
        operand.ValueKind switch
        {
            JsonValueKind.Array => operand.EnumerateArray().All(one => !IsSame(one, leaf)),
            JsonValueKind.Object => operand.EnumerateObject().Single() is var inner
                && (inner.Value.ValueKind == JsonValueKind.Array ? [.. inner.Value.EnumerateArray()] : new[] { inner.Value }).All(one =>
                    leaf.ValueKind != JsonValueKind.String || !IsText(inner.Name, one, leaf.GetString()!)
                ),
            _ => !IsSame(operand, leaf),
        };

    /// <summary>Texts with case; numbers as they are written; true, false and null as themselves.</summary>
    private static bool IsSame(JsonElement wanted, JsonElement leaf) =>
        wanted.ValueKind == leaf.ValueKind
        && wanted.ValueKind switch
        {
            JsonValueKind.String => wanted.GetString() == leaf.GetString(),
            JsonValueKind.Number => wanted.GetRawText() == leaf.GetRawText(),
            _ => true,
        };

    private static bool InRange(JsonElement[] tests, decimal number) =>
        tests
            .Chunk(2)
            .All(test =>
                test[1].GetDecimal() is var bound
                && test[0].GetString() switch
                {
                    "=" => number == bound,
                    "<" => number < bound,
                    "<=" => number <= bound,
                    ">" => number > bound,
                    ">=" => number >= bound,
                    var other => throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"no comparison: {other}"), nameof(tests)),
                }
            );

    /// <summary>A * is any run of characters; a backslash takes the next * or backslash for itself.</summary>
    private static bool IsWild(string pattern, string text) =>
        pattern switch
        {
            "" => text.Length == 0,
            ['*', .. var rest] => Enumerable.Range(0, text.Length + 1).Any(skipped => IsWild(rest, text[skipped..])),
            ['\\', ('*' or '\\') and var literal, .. var rest] => text.StartsWith(literal) && IsWild(rest, text[1..]),
            _ => text.StartsWith(pattern[0]) && IsWild(pattern[1..], text[1..]),
        };
}
