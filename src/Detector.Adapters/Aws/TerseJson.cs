using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Detector.Adapters.Aws;

/// <summary>JSON for SNS. Only the quote and the backslash need escaping inside the JSON text that it unwraps: the default would write six bytes for every quote.</summary>
internal static class TerseJson
{
    private static readonly JsonWriterOptions Terse = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, Terse))
            write(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
