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

    private readonly Dictionary<byte[], long[]> _all = new(Bytes.Comparer);
    private readonly Dictionary<byte[], long[]>.AlternateLookup<ReadOnlySpan<byte>> _earliest;
    private readonly byte[] _key = new byte[LongestKey];
    private readonly Dictionary<DetectionRule, Place> _places = new(ReferenceEqualityComparer.Instance);

    /// <param name="rules">The rules whose matches come.</param>
    public SightingFilter(RuleSet rules)
    {
        _earliest = _all.GetAlternateLookup<ReadOnlySpan<byte>>();
        var paths = rules.Selection.Fields.Paths.Index().ToDictionary(path => path.Item, path => path.Index, StringComparer.Ordinal);
        var subjects = rules.Tried.Where(rule => rule.Sighting is not null).GroupBy(rule => (By: string.Join('\n', rule.Sighting!.By), rule.Sighting.Period));
        foreach (var (number, same) in subjects.Index())
        {
            var subject = new Subject(number, [.. same.First().Sighting!.By.Select(path => paths[path])], same.Key.Period.Ticks, same.Count());
            foreach (var (place, rule) in same.Index())
            {
                _places.Add(rule, new Place(subject, place));
            }
        }
    }

    /// <summary>Adds the matches of a record that may count: those that may be the first of their sighting, and all whose rules count each event.</summary>
    public void Pass(IReadOnlyList<DetectionRule> matches, in CloudTrailEvent record, DateTimeOffset? time, List<DetectionRule> counting)
    {
        // Rules that sight the same mostly match the same records: what is known of it is looked up once.
        Subject? last = null;
        var (known, isOdd) = (default(long[]), false);
        for (var i = 0; i < matches.Count; i++)
        {
            var rule = matches[i];
            if (rule.Sighting is null)
            {
                counting.Add(rule);
                continue;
            }
            if (time is not { } at)
            {
                continue;
            }
            var (subject, place) = _places[rule];
            if (last != subject)
            {
                last = subject;
                (known, isOdd) = Known(subject, record, at);
            }
            if (isOdd)
            {
                counting.Add(rule);
            }
            else if (known is not null && at.UtcTicks <= known[place])
            {
                known[place] = at.UtcTicks;
                counting.Add(rule);
            }
        }
    }

    /// <summary>
    /// The earliest times at which the subject's rules sighted it in the period of a record; null if the record lacks it. Odd ones are for the second stage.
    /// </summary>
    private (long[]? Earliest, bool IsOdd) Known(Subject subject, in CloudTrailEvent record, DateTimeOffset at)
    {
        var key = _key.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(key, at.UtcTicks / subject.Period);
        BinaryPrimitives.WriteInt32LittleEndian(key[8..], subject.Number);
        var length = 12;
        foreach (var field in subject.Fields)
        {
            var value = record.Fields.First(field);
            if (value < 0)
            {
                return (null, false);
            }
            ref readonly var slice = ref record.Fields[value];
            if (slice.Next >= 0 || slice.Kind != JsonKind.String || slice.Length + 4 > LongestKey - length)
            {
                return (null, true);
            }
            BinaryPrimitives.WriteInt32LittleEndian(key[length..], slice.Length);
            slice.In(record.FieldText).CopyTo(key[(length + 4)..]);
            length += slice.Length + 4;
        }
        key = key[..length];
        // Calls come in bursts: mostly it is what was sighted last.
        if (subject.Again(key) is { } last)
        {
            return (last, false);
        }
        if (!_earliest.TryGetValue(key, out var earliest))
        {
            if (_all.Count == Most)
            {
                _all.Clear();
            }
            earliest = new long[subject.Rules];
            earliest.AsSpan().Fill(long.MaxValue);
            _earliest[key] = earliest;
        }
        subject.Remember(key, earliest);
        return (earliest, false);
    }

    /// <summary>What some rules sight.</summary>
    /// <param name="number">Tells it from others.</param>
    /// <param name="fields">Numbers of the fields whose values make it one.</param>
    /// <param name="period">Ticks in which it counts once.</param>
    /// <param name="rules">How many rules sight it.</param>
    private sealed class Subject(int number, int[] fields, long period, int rules)
    {
        private readonly byte[] _lastKey = new byte[LongestKey];
        private int _lastLength;
        private long[]? _lastEarliest;

        public int Number { get; } = number;

        public int[] Fields { get; } = fields;

        public long Period { get; } = period;

        public int Rules { get; } = rules;

        /// <summary>What is known of the sighting that was looked up last, if this is it.</summary>
        public long[]? Again(ReadOnlySpan<byte> key) => key.SequenceEqual(_lastKey.AsSpan(0, _lastLength)) ? _lastEarliest : null;

        public void Remember(ReadOnlySpan<byte> key, long[] earliest)
        {
            key.CopyTo(_lastKey);
            (_lastLength, _lastEarliest) = (key.Length, earliest);
        }
    }

    /// <summary>Where a rule stands among those that sight the same.</summary>
    private sealed record Place(Subject Subject, int Number);

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
