using Detector.Adapters.Files;
using Detector.Adapters.Spills;
using Detector.App.Replays;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Backtests;

/// <summary>
/// Replays an archive by one rule set or by two, and counts. Two are compared by what their alerts tell, event by event: a rule that tells the same events in
/// fewer alerts, or under another id, has lost nothing. Memory stays the same however many alerts there are.
/// </summary>
internal sealed class BacktestRun : IDisposable
{
    private const int After = 0;
    private const int Before = 1;

    private const int ActorsTold = 5;
    private const int RowsTold = 20;
    private const int LongestName = 300;
    private const string Nobody = "-";

    private readonly List<(Rule? After, Rule? Before)> _pairs;
    private readonly IReadOnlyList<Counts> _counts;
    private readonly TellingStore? _tellings;

    private BacktestRun(RuleSet after, RuleSet? before, string scratch)
    {
        _pairs = Pair([.. Alerting(after)], before is null ? null : [.. Alerting(before)]);
        _counts = [new Counts(_pairs.ConvertAll(pair => pair.After)), new Counts(_pairs.ConvertAll(pair => pair.Before))];
        _tellings = before is null ? null : new TellingStore(scratch);
    }

    /// <summary>Replays and counts; also returns what could not be read, and how far it came if it was stopped.</summary>
    /// <param name="archive">What is read, once.</param>
    /// <param name="after">The rules in question.</param>
    /// <param name="before">Those they are compared with; null for none.</param>
    /// <param name="within">Records from outside are not judged.</param>
    /// <param name="options">How it is replayed.</param>
    /// <param name="stopping">Ends the reading.</param>
    /// <exception cref="Adapters.Sqlite.StorageException">What does not fit into memory cannot be put aside.</exception>
    public static (Backtest Backtest, IReadOnlyList<Loss> Losses, string? Stopped) Run(
        ITrailArchive archive,
        RuleLoad after,
        RuleLoad? before,
        TimeRange within,
        ReplayOptions options,
        CancellationToken stopping
    )
    {
        using var run = new BacktestRun(after.Rules, before?.Rules, options.Scratch);
        RuleSet[] sets = before is null ? [after.Rules] : [after.Rules, before.Rules];
        var outcomes = ReplayRun.Run(archive, sets, within, options, stopping);
        using var outcome = outcomes[After];
        foreach (var (set, one) in outcomes.Index())
        {
            foreach (var alert in one.Alerts)
                run.Count(set, alert);
        }
        var refused = after.Refused.Concat(before?.Refused ?? []).Distinct();
        return (run.Conclude(outcome.Stats, [.. refused]), outcome.Losses, outcome.Stopped);
    }

    public void Dispose() => _tellings?.Dispose();

    private static IEnumerable<Rule> Alerting(RuleSet rules) =>
        rules.Detections.Where(rules.AlertsByItself).Concat<Rule>(rules.Correlations.Where(rules.AlertsByItself));

    /// <summary>Puts rules side by side that are the same by id, or else by name.</summary>
    private static List<(Rule? After, Rule? Before)> Pair(List<Rule> after, List<Rule>? before)
    {
        var byKey = (before ?? []).ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        var pairs = after.ConvertAll(rule => (After: (Rule?)rule, Before: byKey.GetValueOrDefault(rule.Key)));
        var left = (before ?? []).Except(pairs.Select(pair => pair.Before).OfType<Rule>()).ToList();
        for (var place = 0; place < pairs.Count; place++)
        {
            if (pairs[place] is not { Before: null, After: { } rule } || left.Find(other => other.Label == rule.Label) is not { } same)
                continue;
            pairs[place] = (rule, same);
            left.Remove(same);
        }
        return [.. pairs.Concat(left.Select(rule => ((Rule?)null, (Rule?)rule))).OrderBy(pair => (pair.Item1 ?? pair.Item2)!.Label, StringComparer.Ordinal)];
    }

    private void Count(int set, Alert alert)
    {
        var actor = TextTable.Cut(alert.Facts.Actor ?? Nobody, LongestName);
        var rule = _counts[set].Add(alert, actor);
        if (_tellings is null)
            return;
        foreach (var one in alert.Events)
            _tellings.Add(new Telling(rule, set, alert.Id, one, actor));
    }

    private Backtest Conclude(ReplayStats stats, IReadOnlyList<RuleError> refused)
    {
        Period? days = stats is { Oldest: { } oldest, Newest: { } newest } ? new Period(Day(oldest), Day(newest)) : null;
        var differences = Compare();
        return new Backtest
        {
            Stats = stats,
            Days = days,
            Alerts = _counts[After].Volume(days),
            Before = _tellings is null ? null : _counts[Before].Volume(days),
            Rules =
            [
                .. _pairs
                    .Index()
                    .Select(pair =>
                        Conclude(pair.Index, days, differences.GetValueOrDefault((pair.Index, After)), differences.GetValueOrDefault((pair.Index, Before)))
                    ),
            ],
            Refused = refused,
            Unsplit = _counts.Sum(counts => counts.Unsplit),
        };
    }

    private RuleBacktest Conclude(int rule, Period? days, Difference? onlyAfter, Difference? onlyBefore)
    {
        var (after, before) = _pairs[rule];
        var actors = _counts[After].Actors(rule);
        var actorsBefore = _counts[Before].Actors(rule);
        return new RuleBacktest
        {
            After = after,
            Before = before,
            Alerts = _counts[After].Volume(rule, days),
            AlertsBefore = _counts[Before].Volume(rule, days),
            Actors =
            [
                .. actors
                    .Keys.Union(actorsBefore.Keys, StringComparer.Ordinal)
                    .Select(actor => new ActorVolume(actor, actors.GetValueOrDefault(actor), actorsBefore.GetValueOrDefault(actor)))
                    .OrderByDescending(actor => Math.Max(actor.Alerts, actor.Before))
                    .ThenBy(actor => actor.Actor, StringComparer.Ordinal)
                    .Take(ActorsTold),
            ],
            ActorCount = actors.Count,
            Change =
                _tellings is null ? RuleChange.None
                : before is null ? RuleChange.New
                : after is null ? RuleChange.Gone
                : after.Level != before.Level ? RuleChange.Level
                : RuleChange.None,
            OnlyAfter = onlyAfter ?? Difference.None,
            OnlyBefore = onlyBefore ?? Difference.None,
        };
    }

    /// <summary>What one set alone tells, by rule and set.</summary>
    private Dictionary<(int Rule, int Set), Difference> Compare()
    {
        var differences = new Dictionary<(int, int), Difference>();
        var open = new Dictionary<(int Rule, int Set), OpenDifference>();
        var rule = 0;
        foreach (var (telling, set) in OfOneSet(_tellings?.InOrder() ?? []))
        {
            if (telling.Rule != rule)
                Close();
            rule = telling.Rule;
            if (!open.TryGetValue((rule, set), out var difference))
                open.Add((rule, set), difference = new OpenDifference());
            difference.Add(telling);
        }
        Close();
        return differences;

        void Close()
        {
            foreach (var (key, difference) in open)
                differences.Add(key, difference.Close());
            open.Clear();
        }
    }

    /// <summary>Goes through events side by side and keeps those, once each, that the alerts of a single set tell.</summary>
    private static IEnumerable<(Telling First, int Set)> OfOneSet(IEnumerable<Telling> tellings)
    {
        Telling? first = null;
        var isShared = false;
        foreach (var telling in tellings)
        {
            if (first is not null && IsSame(first, telling))
            {
                isShared |= telling.Set != first.Set;
                continue;
            }
            if (first is not null && !isShared)
                yield return (first, first.Set);
            (first, isShared) = (telling, false);
        }
        if (first is not null && !isShared)
            yield return (first, first.Set);

        static bool IsSame(Telling one, Telling other) => one.Rule == other.Rule && one.Event.Index == other.Event.Index && one.Event.File == other.Event.File;
    }

    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    /// <summary>What is counted of one set.</summary>
    private sealed class Counts(List<Rule?> rules)
    {
        private readonly Dictionary<string, int> _numbers = rules
            .Index()
            .Where(rule => rule.Item is not null)
            .ToDictionary(rule => rule.Item!.Key, rule => rule.Index, StringComparer.Ordinal);

        private readonly Tally<int> _rules = new(int.MaxValue);
        private readonly Tally<DateOnly> _days = new();
        private readonly Tally<(int Rule, DateOnly Day)> _ruleDays = new();
        private readonly Tally<(int Rule, string Actor)> _actors = new();
        private ILookup<int, KeyValuePair<DateOnly, long>>? _daysOf;
        private ILookup<int, KeyValuePair<string, long>>? _actorsOf;

        public long Unsplit => Math.Max(_ruleDays.Rest, _actors.Rest);

        /// <summary>Counts an alert; returns the number of its rule.</summary>
        public int Add(Alert alert, string actor)
        {
            var rule = _numbers[alert.Rule.Id];
            _rules.Add(rule);
            _actors.Add((rule, actor));
            if (alert.Time is { } time)
            {
                _days.Add(Day(time));
                _ruleDays.Add((rule, Day(time)));
            }
            return rule;
        }

        public Volume Volume(Period? days) => Backtests.Volume.Of(_rules.Counts.Values.Sum(), _days.Counts, days);

        public Volume Volume(int rule, Period? days)
        {
            _daysOf ??= _ruleDays.Counts.ToLookup(count => count.Key.Rule, count => KeyValuePair.Create(count.Key.Day, count.Value));
            return Backtests.Volume.Of(_rules.Counts.GetValueOrDefault(rule), _daysOf[rule], days);
        }

        public Dictionary<string, long> Actors(int rule)
        {
            _actorsOf ??= _actors.Counts.ToLookup(count => count.Key.Rule, count => KeyValuePair.Create(count.Key.Actor, count.Value));
            return _actorsOf[rule].ToDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>What one set alone tells by a rule.</summary>
    private sealed class OpenDifference
    {
        private readonly Tally<(string Actor, DateOnly? Day)> _rows = new();
        private readonly Dictionary<(string Actor, DateOnly? Day), AlertEvent> _first = [];

        public void Add(Telling telling)
        {
            var key = (telling.Actor ?? Nobody, telling.Event.EventTime is { } time ? Day(time) : (DateOnly?)null);
            _rows.Add(key);
            if (_rows.Counts.ContainsKey(key))
                _first.TryAdd(key, telling.Event);
        }

        public Difference Close() =>
            new(
                _rows.Counts.Values.Sum() + _rows.Rest,
                [
                    .. _rows
                        .Counts.OrderByDescending(row => row.Value)
                        .ThenBy(row => row.Key.Day)
                        .ThenBy(row => row.Key.Actor, StringComparer.Ordinal)
                        .Take(RowsTold)
                        .Select(row => new DifferenceRow(row.Key.Actor, row.Key.Day, row.Value, _first[row.Key])),
                ]
            );
    }
}
