using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Detector.App;

/// <summary>Results as JSON, one object a line. Non-ASCII and control characters come out escaped, so nothing in a result can steer a terminal.</summary>
internal static class JsonOut
{
    /// <summary>Writes one object; what is inside its braces is the caller's.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> inside) => output.WriteLine(Encoding.UTF8.GetString(Bytes(inside).Span));

    /// <summary>One object as UTF-8; what is inside its braces is the caller's.</summary>
    public static ReadOnlyMemory<byte> Bytes(Action<Utf8JsonWriter> inside)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            inside(json);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>Writes an array of texts.</summary>
    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>Writes an array of objects.</summary>
    public static void WriteArray<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> inside)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            inside(item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
