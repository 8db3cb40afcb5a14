using System.Globalization;
using System.Text.Json.Nodes;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.App.RuleTests.Mutations;

/// <summary>Changes of one record by which a test of it may come out otherwise, the likeliest first.</summary>
internal static class Changes
{
    private const string Other = "changed-by-mutation";
    private const int MostPlaces = 60;

    /// <summary>What the inputs of derived fields are compared with.</summary>
    private static readonly string?[] Vocabulary =
    [
        null,
        Other,
        "AKIACHANGEDBYMUTATE",
        "AccessDenied",
        "true",
        "false",
        "Success",
        "Failure",
        "Yes",
        "No",
        "Root",
        "IAMUser",
        "AWSService",
        "AwsServiceEvent",
        "cloudformation.amazonaws.com",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_changed_0123456789abcdef",
        """{"Version":"2012-10-17","Statement":[]}""",
        "192.0.2.0/24",
        "1",
    ];

    /// <summary>Records changed so that a leaf, or a list of values of one field, may be answered otherwise.</summary>
    /// <param name="part">The leaf or list.</param>
    /// <param name="holds">Whether it holds now.</param>
    /// <param name="record">The record, which stays as it is.</param>
    public static IEnumerable<JsonObject> Of(Condition part, bool holds, JsonObject record)
    {
        var leaves = part is Condition.Or list ? list.Parts : [part];
        if (leaves[0] is not Condition.Field { Path: var path })
            return [];
        if (DerivedInputs.Of(path) is { Count: > 0 } inputs)
        {
            var nothing = inputs.Aggregate(record, (one, input) => With(one, input, Absent));
            return inputs.SelectMany(input => Places(record, input)).SelectMany(place => Vocabulary.Select(word => With(record, place, word))).Append(nothing);
        }
        return (holds ? Unmet(leaves, Find(record, path.Split('.')).AsText()) : leaves.SelectMany(leaf => Met(((Condition.Field)leaf).Test, record))).Select(
            value => With(record, path, value)
        );
    }

    /// <summary>Values that hardly meet a test: none, another text, and one where there must be none.</summary>
    private static IEnumerable<JsonNode?> Unmet(IReadOnlyList<Condition> leaves, string? now) =>
        leaves is [Condition.Field { Test: FieldTest.IsNull or FieldTest.Exists { Present: false } }, ..]
            ? [Other]
            : [Other, Absent, Without(now ?? "", leaves), 0, 1_000_000];

    /// <summary>The text without what is looked for in it, and otherwise as it was: other tests of it may still be met.</summary>
    private static string Without(string text, IReadOnlyList<Condition> leaves) =>
        leaves
            .OfType<Condition.Field>()
            .Select(leaf => leaf.Test)
            .OfType<FieldTest.Text>()
            .SelectMany(test => test.Pattern.Pieces)
            .Where(piece => piece.Text.Length > 0)
            .Aggregate(text, (rest, piece) => rest.Replace(piece.Text, "", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<JsonNode?> Met(FieldTest test, JsonObject record) =>
        test switch
        {
            FieldTest.Text text => [string.Concat(text.Pattern.Pieces.Select(piece => piece.Kind == TextPieceKind.Literal ? piece.Text : "x"))],
            FieldTest.IsNull or FieldTest.Exists { Present: false } => [Absent],
            FieldTest.Exists => [Other],
            FieldTest.Cidr cidr => [cidr.Network.BaseAddress.ToString()],
            FieldTest.Number number =>
            [
                number.Value.ToString(CultureInfo.InvariantCulture),
                (number.Value + 1).ToString(CultureInfo.InvariantCulture),
                (number.Value - 1).ToString(CultureInfo.InvariantCulture),
            ],
            FieldTest.SameAs same when Find(record, same.OtherField.Split('.')).AsText() is { } text => [text],
            _ => [],
        };

    /// <summary>Stands for no value at all.</summary>
    private static readonly JsonNode Absent = new JsonObject();

    /// <summary>The record with another value of a field.</summary>
    public static JsonObject With(JsonObject record, string path, JsonNode? value)
    {
        var changed = (JsonObject)record.DeepClone();
        Put(changed, path.Split('.'), value);
        return changed;
    }

    private static void Put(JsonNode? node, ReadOnlySpan<string> path, JsonNode? value)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
                Put(item, path, value);
            return;
        }
        if (node is not JsonObject map || path is not [var name, .. var rest])
            return;
        if (rest.Length > 0)
        {
            if (map[name] is null && value != Absent)
                map[name] = new JsonObject();
            Put(map[name], rest, value);
        }
        else if (value == Absent)
        {
            map.Remove(name);
        }
        else
        {
            map[name] = value?.DeepClone();
        }
    }

    private static JsonNode? Find(JsonNode? node, ReadOnlySpan<string> path) =>
        path is [var name, .. var rest] ? Find((node as JsonObject)?[name], rest) : node;

    /// <summary>What a derived field's input is: a value, or of a map every name inside it.</summary>
    private static IEnumerable<string[]> Places(JsonObject record, string input)
    {
        var path = input.Split('.');
        return Find(record, path) is JsonObject map
            ? Names(map).Distinct(StringComparer.Ordinal).Take(MostPlaces).Select(name => (string[])[.. path, "*", name])
            : [path];
    }

    private static IEnumerable<string> Names(JsonNode map) => Json.Maps(map).SelectMany(inner => inner.Select(member => member.Key));

    /// <param name="record">The record, which stays as it is.</param>
    /// <param name="place">Names, one inside the other; behind <c>*</c> the name anywhere.</param>
    /// <param name="word">The new text; null for no value.</param>
    private static JsonObject With(JsonObject record, string[] place, string? word)
    {
        var changed = (JsonObject)record.DeepClone();
        var value = word is null ? Absent : JsonValue.Create(word);
        if (place is not [.. var outer, "*", var name])
        {
            Put(changed, place, value);
            return changed;
        }
        foreach (var map in Json.Maps(Find(changed, outer)).Where(map => map.ContainsKey(name)).ToList())
            Put(map, [name], value);
        return changed;
    }
}
