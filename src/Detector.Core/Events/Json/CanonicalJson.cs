using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Detector.Core.Events.Json;

/// <summary>Writes JSON in one agreed form: no white space, keys in ordinal order, only the escapes that JSON demands.</summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The canonical form of a JSON value. Half a surrogate pair, which cannot be read, is U+FFFD in it.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static byte[] Write(ReadOnlySpan<byte> json)
    {
        using var document = JsonText.Parse(JsonText.WithoutHalfPairs(json) ?? json);
        var buffer = new ArrayBufferWriter<byte>(json.Length);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(document.RootElement, writer);
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(property.Value, writer);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, writer);
                }
                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
