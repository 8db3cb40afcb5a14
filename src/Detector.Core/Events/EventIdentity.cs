using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Detector.Core.Events.Json;

namespace Detector.Core.Events;

/// <summary>
/// What makes a record itself on every path by which it may arrive: a hash over eventID, eventTime, eventSource and eventName, or over the
/// canonical content of a record that has no eventID.
/// </summary>
/// <param name="Value">32 lower-case hexadecimal digits.</param>
public readonly record struct EventIdentity(string Value)
{
    private const int UsualText = 512;

    /// <summary>The identity of a record. Formatting, escapes and the order of keys make no difference.</summary>
    /// <exception cref="JsonException">The record has no eventID and is no JSON.</exception>
    public static EventIdentity Of(in CloudTrailEvent record)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(record, digest);
        return new EventIdentity(Convert.ToHexStringLower(digest[..16]));
    }

    /// <summary>The first 8 bytes of a record's identity: enough to tell whether an event was seen, where billions were.</summary>
    /// <remarks>A record that has no eventID and is no JSON, which no rule can match soundly, is known by its bytes.</remarks>
    public static ulong ShortOf(in CloudTrailEvent record)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        try
        {
            Hash(record, digest);
        }
        catch (JsonException)
        {
            SHA256.HashData(record.Json, digest);
        }
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    private static void Hash(in CloudTrailEvent record, Span<byte> digest)
    {
        if (record.EventId.IsEmpty)
        {
            SHA256.HashData(CanonicalJson.Write(record.Json), digest);
            return;
        }
        ReadOnlySpan<int> fields = [RecordSelection.EventId, RecordSelection.EventTime, RecordSelection.EventSource, RecordSelection.EventName];
        var most = fields.Length;
        foreach (var field in fields)
        {
            most += Text(record, field).Length;
        }
        var text = most <= UsualText ? stackalloc byte[UsualText] : new byte[most];
        var length = 0;
        foreach (var field in fields)
        {
            length += JsonText.Unescape(Text(record, field), text[length..]);
            // No field of CloudTrail's holds a zero byte: it keeps neighbours apart.
            text[length++] = 0;
        }
        SHA256.HashData(text[..length], digest);
    }

    private static ReadOnlySpan<byte> Text(in CloudTrailEvent record, int field) =>
        record.Fields.First(field) is >= 0 and var value ? record.Fields[value].In(record.FieldText) : [];

    /// <inheritdoc/>
    public override string ToString() => Value;
}
