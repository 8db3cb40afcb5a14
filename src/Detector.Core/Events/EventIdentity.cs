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
    /// <summary>The identity of a record. Formatting, escapes and the order of keys make no difference.</summary>
    /// <exception cref="JsonException">The record has no eventID and is no JSON.</exception>
    public static EventIdentity Of(in CloudTrailEvent record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (record.EventId.IsEmpty)
        {
            hash.AppendData(CanonicalJson.Write(record.Json));
        }
        else
        {
            foreach (
                var field in (ReadOnlySpan<int>)[RecordSelection.EventId, RecordSelection.EventTime, RecordSelection.EventSource, RecordSelection.EventName]
            )
            {
                var value = record.Fields.First(field);
                hash.AppendData(value < 0 ? [] : JsonText.Unescape(record.Fields[value].In(record.FieldText)));
                // No field of CloudTrail's holds a zero byte: it keeps neighbours apart.
                hash.AppendData([0]);
            }
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new EventIdentity(Convert.ToHexStringLower(digest[..16]));
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
