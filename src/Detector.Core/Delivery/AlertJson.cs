using System.Text.Json;
using System.Text.Json.Serialization;

namespace Detector.Core.Delivery;

/// <summary>The one JSON form of an alert: in the ledger's outbox, on SNS, and in JSON lines.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(Alert))]
internal sealed partial class AlertJsonContext : JsonSerializerContext;

/// <summary>Writes and reads the one JSON form of an alert.</summary>
public static class AlertJson
{
    /// <summary>Names the form and its version. Raised when a reader of the old form could no longer read the new one: see docs/sns.md.</summary>
    public const string Schema = "detector.alert/1";

    /// <summary>The alert as UTF-8 JSON on one line. Control characters and non-ASCII come out escaped.</summary>
    public static byte[] Write(Alert alert) => JsonSerializer.SerializeToUtf8Bytes(alert, AlertJsonContext.Default.Alert);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are something else.</exception>
    public static Alert Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, AlertJsonContext.Default.Alert) ?? throw new JsonException("null is no alert");
}
