using System.Text;
using System.Text.Json;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>A correlation that has fired is itself a hit for the correlations that build on it.</summary>
internal static class Chain
{
    /// <summary>
    /// The hit: at the time of the newest event and with its record, to which the names are added that the correlation gave to fields (aliases), because its
    /// successors group by them.
    /// </summary>
    public static Hit HitOf(CorrelationRule rule, IReadOnlyList<WaitingHit> fired)
    {
        var newest = fired[^1];
        var identity = new EventIdentity(IdentityHash.Of("chain", rule.Key, newest.Group, fired[0].Hit.Event.Value));
        return new Hit(rule, identity, newest.Time, WithAliases(rule, newest), newest.Hit.Origin, newest.Hit.Index) { SentAt = newest.Hit.SentAt };
    }

    private static ReadOnlyMemory<byte> WithAliases(CorrelationRule rule, WaitingHit newest)
    {
        var named = rule.Aliases.Where(alias => alias.Value.ContainsKey(newest.Hit.Rule.Key)).ToArray();
        if (named.Length == 0)
        {
            return newest.Hit.Record;
        }
        var record = newest.Hit.Record.Span;
        var added = new StringBuilder("{");
        foreach (var (name, fields) in named)
        {
            if (new GroupKey([fields[newest.Hit.Rule.Key]]).Of(record) is { } value)
            {
                added.Append('"').Append(JsonEncodedText.Encode(name)).Append("\":\"").Append(JsonEncodedText.Encode(value)).Append("\",");
            }
        }
        return (byte[])[.. Encoding.UTF8.GetBytes(added.ToString()), .. record[(record.IndexOf((byte)'{') + 1)..]];
    }
}
