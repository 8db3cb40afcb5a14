using System.Buffers.Binary;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>
/// Spares the second stage the sightings that cannot be the first of their period: those that come behind one with an earlier time. What it forgets costs only
/// time, because the second stage counts exactly. For one thread.
/// </summary>
internal sealed class SightingFilter
{
    private const int Most = 50_000;
    private const int LongestKey = 1024;

    private readonly Dictionary<byte[], long> _all = new(Bytes.Comparer);
    private readonly Dictionary<byte[], long>.AlternateLookup<ReadOnlySpan<byte>> _earliest;
    private readonly byte[] _key = new byte[LongestKey];
    private readonly Dictionary<DetectionRule, Plan> _plans = new(ReferenceEqualityComparer.Instance);

    /// <param name="rules">The rules whose matches come.</param>
    public SightingFilter(RuleSet rules)
    {
        _earliest = _all.GetAlternateLookup<ReadOnlySpan<byte>>();
        var paths = rules.Selection.Fields.Paths.Index().ToDictionary(path => path.Item, path => path.Index, StringComparer.Ordinal);
        foreach (var rule in rules.Tried)
        {
            if (rule.Sighting is { } sighting)
            {
                _plans.Add(rule, new Plan(_plans.Count, [.. sighting.By.Select(path => paths[path])], sighting.Period.Ticks));
            }
        }
    }

    /// <summary>Whether a match may be the first of its sighting: true for rules that count each event.</summary>
    public bool MayCount(DetectionRule rule, in CloudTrailEvent record, DateTimeOffset? time)
    {
        if (rule.Sighting is null)
        {
            return true;
        }
        if (time is not { } at)
        {
            return false;
        }
        var plan = _plans[rule];
        var key = _key.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(key, at.UtcTicks / plan.Period);
        BinaryPrimitives.WriteInt32LittleEndian(key[8..], plan.Number);
        var length = 12;
        foreach (var field in plan.Fields)
        {
            var value = record.Fields.First(field);
            if (value < 0)
            {
                return false;
            }
            ref readonly var slice = ref record.Fields[value];
            if (slice.Next >= 0 || slice.Kind != JsonKind.String || slice.Length + 4 > LongestKey - length)
            {
                // Odd ones are for the second stage.
                return true;
            }
            BinaryPrimitives.WriteInt32LittleEndian(key[length..], slice.Length);
            slice.In(record.FieldText).CopyTo(key[(length + 4)..]);
            length += slice.Length + 4;
        }
        key = key[..length];
        if (_earliest.TryGetValue(key, out var earliest) && earliest < at.UtcTicks)
        {
            return false;
        }
        if (_all.Count == Most)
        {
            _all.Clear();
        }
        _earliest[key] = at.UtcTicks;
        return true;
    }

    private sealed record Plan(int Number, int[] Fields, long Period);

    /// <summary>Compares by content.</summary>
    private sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static Bytes Comparer { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
