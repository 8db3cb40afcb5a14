using Detector.Core.Events.Json;

namespace Detector.Core.Events.Formats;

/// <summary>What SNS puts around a message for a queue without raw delivery: the message is a JSON string under <c>Message</c>.</summary>
/// <remarks>SNS Developer Guide, "Parsing Amazon SNS message formats".</remarks>
internal static class SnsNotification
{
    /// <summary>A record has neither <c>Type</c> nor <c>Message</c>.</summary>
    public static bool IsNotification(FieldTable fields, ReadOnlySpan<byte> text) =>
        Shape.Has(fields, RecordSelection.Message, JsonKind.String)
        && Shape.Has(fields, RecordSelection.Type, JsonKind.String)
        && fields[fields.First(RecordSelection.Type)].In(text).SequenceEqual("Notification"u8);
}
