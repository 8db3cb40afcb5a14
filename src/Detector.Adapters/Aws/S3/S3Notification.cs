using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Detector.Core.Events;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// What S3 tells of new objects: directly, wrapped by SNS, or by EventBridge. Source: S3 User Guide, "Event message structure" and "EventBridge event message
/// structure".
/// </summary>
/// <param name="Objects">The objects that were made; none in a test message, or one about other things.</param>
/// <param name="At">When it happened, the earliest of several.</param>
internal sealed record S3Notification(IReadOnlyList<S3Name> Objects, DateTimeOffset? At)
{
    /// <summary>Reads a message; null if it is something else, such as an event of CloudTrail's that tells of S3.</summary>
    public static S3Notification? Read(ReadOnlySpan<byte> message)
    {
        // Most messages of a queue are events, and are not read twice. The marks may be escaped in the JSON of SNS, but hold nothing that must be.
        if (message.IndexOf("aws:s3"u8) < 0 && message.IndexOf("aws.s3"u8) < 0 && message.IndexOf("s3:TestEvent"u8) < 0)
            return null;
        var reader = new Utf8JsonReader(message);
        try
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return Read(document.RootElement, wrapped: false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The message by which S3 would have told of an object.</summary>
    public static string Write(Amazon.S3.Model.S3Object made, string bucket)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("Records");
            json.WriteStartObject();
            json.WriteString("eventVersion", "2.1");
            json.WriteString("eventSource", "aws:s3");
            if (made.LastModified is { } time)
                json.WriteString("eventTime", time.ToUniversalTime());
            json.WriteString("eventName", "ObjectCreated:Put");
            json.WriteStartObject("s3");
            json.WriteString("s3SchemaVersion", "1.0");
            json.WriteStartObject("bucket");
            json.WriteString("name", bucket);
            json.WriteEndObject();
            json.WriteStartObject("object");
            // As S3 does: all but the slashes.
            json.WriteString("key", WebUtility.UrlEncode(made.Key).Replace("%2F", "/", StringComparison.Ordinal));
            json.WriteNumber("size", made.Size ?? 0);
            json.WriteString("eTag", made.ETag?.Trim('"'));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static S3Notification? Read(JsonElement message, bool wrapped)
    {
        if (message.ValueKind is not JsonValueKind.Object)
            return null;
        if (!wrapped && Text(message, "Type") is "Notification" && Text(message, "Message") is { } inner)
        {
            using var document = JsonDocument.Parse(inner);
            return Read(document.RootElement, wrapped: true);
        }
        if (Text(message, "Event") is "s3:TestEvent")
            return new S3Notification([], null);
        if (Text(message, "source") is "aws.s3" && Text(message, "detail-type") is { } type)
            return OfEventBridge(message, type);
        return
            message.TryGetProperty("Records", out var records)
            && records.ValueKind is JsonValueKind.Array
            && records.GetArrayLength() > 0
            && records.EnumerateArray().All(record => Text(record, "eventSource") is "aws:s3" && Has(record, "s3"))
            ? Direct(records)
            : null;
    }

    private static S3Notification Direct(JsonElement records)
    {
        var names = new List<S3Name>();
        foreach (var record in records.EnumerateArray())
        {
            var (s3, name) = (record.GetProperty("s3"), Text(record, "eventName") ?? "");
            // Older records have the s3: prefix.
            if (name.Contains("ObjectCreated:", StringComparison.Ordinal))
                names.Add(Name(s3, "versionId", key => WebUtility.UrlDecode(key)));
        }
        return new S3Notification(names, records.EnumerateArray().Select(record => Time(record, "eventTime")).Min());
    }

    /// <summary>The objects of EventBridge have their keys as they are. What CloudTrail tells of S3 by EventBridge is no notification.</summary>
    private static S3Notification? OfEventBridge(JsonElement message, string type)
    {
        if (type.EndsWith("via CloudTrail", StringComparison.OrdinalIgnoreCase) || !Has(message, "detail"))
            return null;
        var made = type is "Object Created" ? Name(message.GetProperty("detail"), "version-id", key => key) : null;
        return new S3Notification(made is null ? [] : [made], Time(message, "time"));
    }

    private static S3Name Name(JsonElement s3, string version, Func<string, string> decode)
    {
        var made = s3.GetProperty("object");
        return Text(s3.GetProperty("bucket"), "name") is { Length: > 0 } bucket && Text(made, "key") is { Length: > 0 } key
            ? new S3Name(bucket, decode(key), Version: Text(made, version))
            : throw new JsonException("names no object");
    }

    private static bool Has(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    private static DateTimeOffset? Time(JsonElement element, string name) =>
        Text(element, name) is { } text && CloudTrailTime.TryParse(Encoding.UTF8.GetBytes(text), out var time) ? time : null;
}
