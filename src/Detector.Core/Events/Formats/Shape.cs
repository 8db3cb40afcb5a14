using Detector.Core.Events.Json;

namespace Detector.Core.Events.Formats;

/// <summary>Tells what an object is by the keys that a scan has found on it.</summary>
internal static class Shape
{
    internal enum Kind
    {
        Record,
        RecordsObject,
        Envelope,
        Notification,
        Foreign,
    }

    public static Kind Of(FieldTable fields, ReadOnlySpan<byte> text)
    {
        if (EventBridge.IsEnvelope(fields))
        {
            return EventBridge.IsCloudTrail(fields, text) ? Kind.Envelope : Kind.Foreign;
        }
        if (Has(fields, RecordSelection.Records, JsonKind.Array))
        {
            return Kind.RecordsObject;
        }
        if (SnsNotification.IsNotification(fields, text))
        {
            return Kind.Notification;
        }
        return Digest.IsDigest(fields) ? Kind.Foreign : Kind.Record;
    }

    /// <summary>Whether the object, or what has been seen of it, is one around an array of records.</summary>
    public static bool HasRecords(FieldTable fields) => !EventBridge.IsEnvelope(fields) && Has(fields, RecordSelection.Records, JsonKind.Array);

    public static bool Has(FieldTable fields, int field, JsonKind kind) => fields.First(field) is var value and >= 0 && fields[value].Kind == kind;
}
