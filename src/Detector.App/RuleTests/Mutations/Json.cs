using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Detector.App.RuleTests.Mutations;

/// <summary>Records that can be changed.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions AsCloudTrail = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A record; null if it cannot be changed, such as one that has a name twice.</summary>
    public static JsonObject? Parse(ReadOnlySpan<byte> record)
    {
        try
        {
            // Names that are there twice are found when all is looked at.
            return JsonNode.Parse(record)?.DeepClone() as JsonObject;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Writes with no more escapes than CloudTrail does.</summary>
    public static byte[] Write(JsonNode node, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, AsCloudTrail with { Indented = indented }))
            node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The same as text.</summary>
    public static string Text(JsonNode node, bool indented = false) => Encoding.UTF8.GetString(Write(node, indented));

    /// <summary>Records as an array.</summary>
    public static byte[] Write(IEnumerable<JsonObject> records) => Write(new JsonArray([.. records.Select(record => record.DeepClone())]));

    /// <summary>The node if it is text.</summary>
    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Puts another in the place of each value that is no map and no list, by its name and itself; null leaves it.</summary>
    public static void Replace(JsonNode? node, Func<string, JsonValue, JsonNode?> other, string name = "")
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map.ToList())
                {
                    if (value is JsonValue leaf)
                    {
                        if (other(key, leaf) is { } replaced)
                            map[key] = replaced;
                    }
                    else
                    {
                        Replace(value, other, key);
                    }
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonValue leaf)
                    {
                        if (other(name, leaf) is { } replaced)
                            list[i] = replaced;
                    }
                    else
                    {
                        Replace(list[i], other, name);
                    }
                }
                break;
        }
    }

    /// <summary>Changes each text.</summary>
    public static void ReplaceTexts(JsonNode? node, Func<string, string, string?> other) =>
        Replace(node, (name, value) => value.AsText() is { } text && other(name, text) is { } changed ? JsonValue.Create(changed) : null);

    /// <summary>All maps, from outside in, those of documents inside texts not among them.</summary>
    public static IEnumerable<JsonObject> Maps(JsonNode? node) =>
        node switch
        {
            JsonObject map => map.Select(member => member.Value).SelectMany(Maps).Prepend(map),
            JsonArray list => list.SelectMany(Maps),
            _ => [],
        };

    /// <summary>A document inside a text, if it is one.</summary>
    public static JsonNode? Document(string text)
    {
        if (text.AsSpan().TrimStart() is not (['{', ..] or ['[', ..]))
            return null;
        try
        {
            return JsonNode.Parse(text)?.DeepClone();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
