using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using Detector.Core.Detection.Correlations;
using Detector.Core.Detection.History;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection;

/// <summary>
/// Stage 2: from hits to findings. A plain rule's hit is one at once; a correlation's hit, and that of a rule that asks for history, waits on the timeline until
/// the watermark has passed it. Safe to call
/// from many threads, which take turns: the one inside moves the virtual clock.
/// </summary>
public sealed class DetectionPipeline : IDisposable
{
    private readonly Lock _turn = new();
    private readonly Watermark _watermark;
    private readonly Dictionary<HitKey, JournaledHit> _kept = [];
    private readonly HashSet<HitKey> _restoredChains = [];
    private readonly HashSet<(string Rule, string Message)> _told = [];
    private readonly IProgress<Notice>? _notices;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _strangersKept;
    private readonly Memory _history;
    private RuleSet _rules;
    private WaitingRoom _room;
    private Recall _recall;
    private Timeline _timeline;
    private IDisposable _pipeline;
    private Outcome _outcome = new();
    private HistoryChanges _changes = new();
    private Exception? _failure;

    /// <param name="rules">The rules whose hits come.</param>
    /// <param name="lateness">The source's: see <see cref="Events.IEventSource.Lateness"/>.</param>
    /// <param name="clock">The wall clock.</param>
    /// <param name="notices">Told, once for a rule, that a flood costs it hits.</param>
    /// <param name="strangersKept">
    /// How old a hit of a rule that is not among these must be to be forgotten: where other instances may have other rules, one of them may have to judge it.
    /// </param>
    public DetectionPipeline(RuleSet rules, TimeSpan lateness, TimeProvider clock, IProgress<Notice>? notices = null, TimeSpan strangersKept = default)
    {
        _notices = notices;
        _clock = clock;
        _strangersKept = strangersKept;
        _watermark = new Watermark(lateness, clock);
        _history = new Memory(forgotten: Forget);
        Use(rules);
    }

    /// <summary>Up to where time has passed: every correlation before it is judged.</summary>
    public DateTimeOffset Watermark
    {
        get
        {
            lock (_turn)
            {
                return _watermark.Current;
            }
        }
    }

    /// <summary>The hits of a batch that correlations wait for, to be journaled before they are taken.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "A step of the pipeline, as Take is.")]
    public IReadOnlyList<JournaledHit> ForJournal(Judgement judgement) =>
        judgement.Hits.Count == 0 ? [] : [.. judgement.Hits.SelectMany(hit => WaitingRoom.Announce(judgement.Rules, hit))];

    /// <summary>Finds what a batch's hits amount to, and what those of correlations do for which its coming has moved the clock far enough.</summary>
    /// <param name="judgement">What stage 1 found.</param>
    /// <param name="journaled">Those of its hits that were new to the journal.</param>
    /// <param name="sentAt">When the batch was put into its queue.</param>
    public Outcome Take(Judgement judgement, IReadOnlyList<JournaledHit> journaled, DateTimeOffset? sentAt) =>
        TakeAdmitted(judgement, journaled.Select(hit => (hit, _room.Admit(hit))), sentAt);

    /// <summary>The same, where it is known with which values the hits come: a room for the same rules can tell that on another thread, ahead.</summary>
    internal Outcome TakeAdmitted(Judgement judgement, IEnumerable<(JournaledHit Hit, WaitingHit? Admitted)> hits, DateTimeOffset? sentAt)
    {
        lock (_turn)
        {
            foreach (var fact in _recall.LearnSessions(judgement.Hits))
            {
                Learned(fact);
            }
            foreach (var hit in judgement.Hits)
            {
                if (!judgement.Rules.Waits(hit.Rule) && judgement.Rules.AlertsByItself(hit.Rule))
                {
                    Tell(new Finding(hit.Rule, [hit]));
                }
            }
            foreach (var (hit, admitted) in hits)
            {
                Wait(hit, admitted);
            }
            _watermark.Observe(judgement.Newest, sentAt);
            return Advance();
        }
    }

    /// <summary>Finds what hits amount to that came into the journal by several instances.</summary>
    /// <param name="journaled">Hits that are new here.</param>
    /// <param name="watermark">Up to where time has passed for all of them.</param>
    public Outcome Take(IEnumerable<JournaledHit> journaled, DateTimeOffset watermark)
    {
        lock (_turn)
        {
            // Only who correlates makes marks, so these are its own.
            foreach (var hit in journaled.Where(hit => hit.Key.For != Sightings.Counted))
            {
                Wait(hit);
            }
            _watermark.Reach(watermark);
            return Advance();
        }
    }

    /// <summary>Puts hits back that were journaled before the process ended.</summary>
    /// <remarks>
    /// They are judged again, which tells the same findings once more: their alerts have the same ids. Only a condition that more hits can unmeet (an average,
    /// a percentile, an upper bound) may come out otherwise, because the oldest hits of a window may be forgotten already.
    /// </remarks>
    public void Restore(JournaledHit hit)
    {
        lock (_turn)
        {
            if (hit.Key.For == Sightings.Counted)
            {
                var mark = hit with { Key = hit.Key with { For = hit.Key.Rule } };
                if (!IsStranger(mark) && (_room.Admit(mark) is not { } counted || !_recall.Counts(counted)))
                {
                    _outcome.Forget(hit.Key);
                }
                return;
            }
            if (hit.Key.For != hit.Key.Rule && (_rules.Correlations.Any(rule => rule.Key == hit.Key.Rule) || _rules.Waits(hit.Key.Rule)))
            {
                _restoredChains.Add(hit.Key);
            }
            Wait(hit);
        }
    }

    /// <summary>Puts back what history had learned before the process ended, or what is known from elsewhere.</summary>
    public void Restore(LearnedFact fact)
    {
        lock (_turn)
        {
            _history.Learn(fact);
        }
    }

    /// <summary>An account's alias, as far as the trail has told of it; else null.</summary>
    public string? AliasOf(string account)
    {
        lock (_turn)
        {
            return _history.Find(Entity.Account(account), Entity.Alias, DateTimeOffset.MaxValue)?.Value;
        }
    }

    /// <summary>
    /// There will be no more events, and the last was at <paramref name="end"/>: what waits for a later time is not judged, and every window closes.
    /// </summary>
    public Outcome End(DateTimeOffset end)
    {
        lock (_turn)
        {
            foreach (var key in _timeline.Drop(waiting => waiting.For is DetectionRule && waiting.Time > end))
            {
                Drop(key);
            }
            _watermark.Idle();
            return Advance();
        }
    }

    /// <summary>
    /// Exchanges the rules. Hits that wait or stand in a window come to the new rules as they came to the old, in the order of their times; time does not
    /// move. A judgement by the old rules may still be taken: its correlations are known by their keys.
    /// </summary>
    public void Replace(RuleSet rules)
    {
        lock (_turn)
        {
            _pipeline.Dispose();
            _timeline.Dispose();
            Use(rules);
            var kept = _kept.Values.ToList();
            _kept.Clear();
            kept.ForEach(Wait);
            // What they amount to is part of the next outcome.
            _timeline.AdvanceTo(_watermark.Current);
        }
    }

    /// <summary>The source has found itself empty: time passes all the same.</summary>
    public Outcome Idle()
    {
        lock (_turn)
        {
            _watermark.Idle();
            return Advance();
        }
    }

    /// <summary>
    /// What history learned and forgot since it was asked last. One at a time is to ask and write it down, so that the ledger hears of changes in their order.
    /// </summary>
    public HistoryChanges TakeHistory()
    {
        lock (_turn)
        {
            var changes = _changes;
            _changes = new HistoryChanges();
            return changes;
        }
    }

    /// <summary>Takes back changes that could not be written down.</summary>
    public void GiveBack(HistoryChanges changes)
    {
        lock (_turn)
        {
            _changes.AddOlder(changes);
        }
    }

    /// <summary>Takes back what could not be concluded; it is part of the next outcome. What had been done of it is known to the ledger.</summary>
    public void GiveBack(Outcome outcome)
    {
        lock (_turn)
        {
            _outcome.Add(outcome);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipeline.Dispose();
        _timeline.Dispose();
    }

    [MemberNotNull(nameof(_rules), nameof(_room), nameof(_recall), nameof(_timeline), nameof(_pipeline))]
    private void Use(RuleSet rules)
    {
        var timeline = new Timeline();
        _rules = rules;
        _room = new WaitingRoom(rules, _history);
        _recall = new Recall(rules, _history, _recall);
        _timeline = timeline;
        _pipeline = rules
            .Correlations.Select(rule => timeline.Hits.Correlate(rule, timeline.Clock).Do(verdict => Conclude(rule, verdict)))
            .Prepend(timeline.Hits.Where(hit => hit.For is DetectionRule).Do(Remember).Select(_ => default(Verdict)!))
            .Merge()
            .Subscribe(_ => { }, failure => _failure = failure);
    }

    private void Wait(JournaledHit hit) => Wait(hit, _room.Admit(hit));

    private void Wait(JournaledHit hit, WaitingHit? admitted)
    {
        if (admitted is not null)
        {
            if (_kept.TryAdd(hit.Key, hit))
            {
                _timeline.Add(admitted);
            }
            return;
        }
        if (IsStranger(hit))
        {
            return;
        }
        _outcome.Forget(hit.Key);
        if (_rules.Correlations.FirstOrDefault(rule => rule.Key == hit.Key.For) is { GroupBy.Count: > 0 } rule)
        {
            TellOnce(rule.Key, rule.Label, $"events that lack one of the fields {string.Join(", ", rule.GroupBy)} take no part");
        }
    }

    /// <summary>A hit's place in time has come: history learns from it, or is asked whether its rule is met.</summary>
    private void Remember(WaitingHit waiting)
    {
        var hit = waiting.Hit;
        if (!_recall.Counts(waiting))
        {
            Drop(waiting.Key);
            return;
        }
        foreach (var fact in _recall.Learn(waiting))
        {
            Learned(fact);
        }
        if (_recall.Meets(waiting))
        {
            if (_rules.AlertsByItself(hit.Rule))
            {
                Tell(new Finding(hit.Rule, [hit], Late: waiting.Late));
            }
            Pass(WaitingRoom.ForCorrelations(_rules, hit));
        }
        if (waiting.For is DetectionRule { Sighting: not null })
        {
            _outcome.Keep(new JournaledHit(Sightings.Mark(waiting.Key), waiting.Time, hit.Record, hit.Origin, hit.Index));
        }
        Drop(waiting.Key);
    }

    private void Learned(LearnedFact fact)
    {
        _changes.Learn(fact);
        _outcome.ChangeHistory();
    }

    private void Forget(FactKey fact)
    {
        _changes.Forget(fact);
        _outcome.ChangeHistory();
    }

    private void Tell(Finding finding) => _outcome.Add(finding with { Behind = _recall.Behind(finding.Newest) });

    private void Drop(HitKey key)
    {
        _kept.Remove(key);
        _outcome.Forget(key);
    }

    private void Conclude(CorrelationRule rule, Verdict verdict)
    {
        if (verdict.Fired.Count > 0)
        {
            if (_rules.AlertsByItself(rule))
            {
                Tell(new Finding(rule, [.. verdict.Fired.Select(hit => hit.Hit)], verdict.Fired[0].Group, verdict.Fired.Any(hit => hit.Late)));
            }
            Pass(WaitingRoom.ForCorrelations(_rules, Chain.HitOf(rule, verdict.Fired)));
        }
        foreach (var hit in verdict.Released)
        {
            Drop(hit.Key);
        }
        if (verdict.Crowd is { } crowd)
        {
            TellOnce(rule.Key, rule.Label, crowd);
        }
    }

    /// <summary>Hands hits on to the correlations behind. What is judged again after a restart makes hits that may have been restored, and wait already.</summary>
    private void Pass(IEnumerable<JournaledHit> hits)
    {
        foreach (var hit in hits.Where(hit => !_restoredChains.Contains(hit.Key)))
        {
            _outcome.Keep(hit);
            Wait(hit);
        }
    }

    /// <summary>Whether another instance, which has other rules, may have to judge a hit.</summary>
    private bool IsStranger(JournaledHit hit) => _strangersKept > TimeSpan.Zero && !_room.Knows(hit.Key) && _clock.GetUtcNow() - hit.Time < _strangersKept;

    private void TellOnce(string key, string label, string message)
    {
        if (_told.Add((key, message)))
        {
            _notices?.Report(new Notice(NoticeSeverity.Warning, label, message));
        }
    }

    private Outcome Advance()
    {
        _timeline.AdvanceTo(_watermark.Current);
        foreach (var mark in _recall.Expire(_watermark.Current))
        {
            _outcome.Forget(mark);
        }
        if (_history.IsCrowded)
        {
            TellOnce(
                "",
                "history",
                $"more than {Memory.DefaultMost:N0} facts of users, keys and policies: those of what was touched longest ago are forgotten"
            );
        }
        if (_failure is not null)
        {
            // Silence would look like quiet: whoever comes is told, and its batch comes again.
            throw new InvalidOperationException("correlations have failed and wait for a restart", _failure);
        }
        var outcome = _outcome;
        _outcome = new Outcome();
        return outcome;
    }
}
