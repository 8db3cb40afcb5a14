using System.Buffers.Binary;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection;

/// <summary>
/// Spares the second stage the sightings that cannot be the first of their period: those that come behind one with an earlier time. What it forgets costs only
/// time, because the second stage counts exactly. For one thread.
/// </summary>
internal sealed class SightingFilter : IMatchFilter
{
    private const int Most = 50_000;
    private const int MostBytes = 8 * 1024 * 1024;
    private const int LongestKey = 1024;

    private readonly TimesByKey _earliest = new();
    private readonly List<Subject> _subjects = [];
    private readonly byte[] _key = new byte[LongestKey];
    private readonly Place?[] _places;
    private readonly int _most;
    private long _record;
    private DateTimeOffset? _time;

    /// <param name="rules">The rules whose matches come.</param>
    /// <param name="most">How many sightings it knows at the most.</param>
    public SightingFilter(RuleSet rules, int most = Most)
    {
        _most = most;
        _places = new Place?[rules.Tried.Count];
        var taken = rules.Selection.Fields.Numbers;
        var subjects = rules
            .Tried.Index()
            .Where(rule => rule.Item.Sighting is not null)
            .GroupBy(rule => (By: string.Join('\n', rule.Item.Sighting!.By), rule.Item.Sighting.Period));
        foreach (var (number, same) in subjects.Index())
        {
            var subject = new Subject(number, same.First().Item.Sighting!.By, taken, same.Key.Period.Ticks, same.Count());
            _subjects.Add(subject);
            foreach (var (place, rule) in same.Index())
            {
                _places[rule.Index] = new Place(subject, place);
            }
        }
    }

    /// <summary>Another record comes.</summary>
    /// <param name="time">The time of its event; without one it is no sighting.</param>
    public void NextRecord(DateTimeOffset? time)
    {
        (_record, _time) = (_record + 1, time);
        // Not while a record is at hand that knows places.
        if (_earliest.Count >= _most || _earliest.Bytes >= MostBytes)
        {
            _earliest.Clear();
            _subjects.ForEach(subject => subject.Forget());
        }
    }

    /// <inheritdoc/>
    public bool MayCount(int rule, in CloudTrailEvent record)
    {
        if (_time is not { } time)
        {
            return false;
        }
        var (subject, place) = _places[rule]!;
        // Rules that sight the same are mostly asked of the same records: what is known of it is looked up once.
        if (subject.Record != _record)
        {
            subject.Record = _record;
            (subject.Earliest, subject.IsOdd) = Known(subject, record, time);
        }
        return subject.IsOdd || (subject.Earliest is { } earliest && (earliest == TimesByKey.None || time.UtcTicks <= _earliest[earliest + place]));
    }

    /// <inheritdoc/>
    public void Count(int rule)
    {
        var (subject, place) = _places[rule]!;
        if (subject is { IsOdd: false, Earliest: { } earliest })
        {
            // Only what is sighted is kept: most of what is looked up meets no rule.
            if (earliest == TimesByKey.None)
            {
                earliest = subject.Found(_earliest.PlaceOf(subject.LastKey, subject.Rules));
            }
            _earliest[earliest + place] = _time!.Value.UtcTicks;
        }
    }

    /// <summary>
    /// Where the earliest times are at which the subject's rules sighted it in the period of a record, or <see cref="TimesByKey.None"/>; null if the record lacks it.
    /// Odd ones are for the second stage.
    /// </summary>
    private (int? Earliest, bool IsOdd) Known(Subject subject, in CloudTrailEvent record, DateTimeOffset at)
    {
        var key = _key.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(key, at.UtcTicks / subject.Period);
        BinaryPrimitives.WriteInt32LittleEndian(key[8..], subject.Number);
        var length = 12;
        var fields = record.Fields;
        var text = record.FieldText;
        if (subject.Selection is { } selection)
        {
            fields = subject.Fields;
            text = record.Json;
            ObjectScanner.Scan(text, 0, selection, fields);
        }
        foreach (var field in subject.Numbers)
        {
            var value = fields.First(field);
            if (value < 0)
            {
                return (null, false);
            }
            ref readonly var slice = ref fields[value];
            if (slice.Next >= 0 || slice.Kind != JsonKind.String || slice.Length + 4 > LongestKey - length)
            {
                return (null, true);
            }
            BinaryPrimitives.WriteInt32LittleEndian(key[length..], slice.Length);
            slice.In(text).CopyTo(key[(length + 4)..]);
            length += slice.Length + 4;
        }
        key = key[..length];
        // Calls come in bursts: mostly it is what was sighted last.
        return (subject.Again(key) ?? subject.Remember(key, _earliest.Find(key)), false);
    }

    /// <summary>What some rules sight.</summary>
    private sealed class Subject
    {
        private readonly byte[] _lastKey = new byte[LongestKey];
        private int _lastLength;
        private int _lastEarliest;

        /// <param name="number">Tells it from others.</param>
        /// <param name="by">The fields whose values make it one.</param>
        /// <param name="taken">Numbers of those that are taken of every record.</param>
        /// <param name="period">Ticks in which it counts once.</param>
        /// <param name="rules">How many rules sight it.</param>
        public Subject(int number, IReadOnlyList<string> by, Dictionary<string, int> taken, long period, int rules)
        {
            (Number, Period, Rules) = (number, period, rules);
            if (by.All(taken.ContainsKey))
            {
                Numbers = [.. by.Select(path => taken[path])];
                return;
            }
            Selection = FieldReader.Select([.. by.Distinct(StringComparer.Ordinal)]);
            Numbers = [.. by.Select(path => Selection.Paths.Index().First(other => other.Item == path).Index)];
        }

        public int Number { get; }

        public long Period { get; }

        public int Rules { get; }

        /// <summary>Numbers of the fields in <see cref="Selection"/>, or among those that are taken of every record.</summary>
        public int[] Numbers { get; }

        /// <summary>Takes the fields from a record; null if they are taken of every one.</summary>
        public FieldSelection? Selection { get; }

        /// <summary>Where <see cref="Selection"/> takes them to.</summary>
        public FieldTable Fields { get; } = new();

        /// <summary>The record that it was looked up for last.</summary>
        public long Record { get; set; }

        /// <summary>Where the earliest times are at which its rules sighted what this record holds, by their places; null if it lacks a field.</summary>
        public int? Earliest { get; set; }

        /// <summary>Whether this record holds what only the second stage can tell.</summary>
        public bool IsOdd { get; set; }

        /// <summary>What was looked up last.</summary>
        public ReadOnlySpan<byte> LastKey => _lastKey.AsSpan(0, _lastLength);

        /// <summary>What is known of the sighting that was looked up last, if this is it.</summary>
        public int? Again(ReadOnlySpan<byte> key) => key.SequenceEqual(LastKey) ? _lastEarliest : null;

        public void Forget() => _lastLength = 0;

        public int Remember(ReadOnlySpan<byte> key, int earliest)
        {
            key.CopyTo(_lastKey);
            _lastLength = key.Length;
            return _lastEarliest = earliest;
        }

        /// <summary>What was looked up last, in the record at hand, has times from now on.</summary>
        public int Found(int earliest)
        {
            Earliest = earliest;
            return _lastEarliest = earliest;
        }
    }

    /// <summary>Where a rule stands among those that sight the same.</summary>
    private sealed record Place(Subject Subject, int Number);
}
