using System.Reactive.Linq;
using Detector.Core.Detection.Correlations;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>
/// Stage 2: from hits to alerts. A plain rule's hit is an alert at once; a correlation's hit waits on the timeline until the watermark has passed it. Safe to call
/// from many threads, which take turns: the one inside moves the virtual clock.
/// </summary>
public sealed class DetectionPipeline : IDisposable
{
    private readonly Lock _turn = new();
    private readonly RuleSet _rules;
    private readonly Watermark _watermark;
    private readonly Timeline _timeline = new();
    private readonly Dictionary<string, GroupKey> _groups;
    private readonly Dictionary<string, DetectionRule> _detections;
    private readonly IDisposable _pipeline;
    private Outcome _outcome = new();

    /// <param name="rules">The rules whose hits come.</param>
    /// <param name="lateness">The source's: see <see cref="Events.IEventSource.Lateness"/>.</param>
    /// <param name="clock">The wall clock.</param>
    public DetectionPipeline(RuleSet rules, TimeSpan lateness, TimeProvider clock)
    {
        _rules = rules;
        _watermark = new Watermark(lateness, clock);
        _groups = rules.Correlations.ToDictionary(c => c.Key, c => new GroupKey(c.GroupBy), StringComparer.Ordinal);
        _detections = rules.Detections.ToDictionary(r => r.Key, StringComparer.Ordinal);
        _pipeline = rules
            .Correlations.Select(rule => _timeline.Hits.Correlate(rule, _timeline.Clock).Select(verdict => (rule, verdict)))
            .Merge()
            .Subscribe(x => _outcome.Add(x.rule, x.verdict));
    }

    /// <summary>The hits of a batch that correlations wait for, to be journaled before <see cref="Take"/>.</summary>
    public IReadOnlyList<JournaledHit> ForJournal(Judgement judgement) =>
        judgement.Hits.Count == 0
            ? []
            :
            [
                .. from hit in judgement.Hits
                let time = hit.Time
                where time is not null
                from correlation in _rules.CorrelationsOf(hit.Rule)
                select new JournaledHit(new HitKey(correlation.Key, hit.Rule.Key, hit.Event), time.Value, hit.Record, hit.Origin, hit.Index),
            ];

    /// <summary>Raises the alerts of a batch, and those of correlations for which its coming has moved the clock far enough.</summary>
    /// <param name="judgement">What stage 1 found.</param>
    /// <param name="journaled">Those of its hits that were new to the journal.</param>
    /// <param name="sentAt">When the batch was put into its queue.</param>
    public Outcome Take(Judgement judgement, IReadOnlyList<JournaledHit> journaled, DateTimeOffset? sentAt)
    {
        lock (_turn)
        {
            foreach (var hit in judgement.Hits.Where(hit => _rules.AlertsByItself(hit.Rule)))
            {
                _outcome.Add(AlertMaker.Plain(hit), hit.Event);
            }
            Wait(journaled);
            _watermark.Observe(judgement.Newest, sentAt);
            return Advance();
        }
    }

    /// <summary>Puts hits back that were journaled before the process ended.</summary>
    public void Restore(JournaledHit hit)
    {
        lock (_turn)
        {
            Wait([hit]);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipeline.Dispose();
        _timeline.Dispose();
    }

    private void Wait(IReadOnlyList<JournaledHit> journaled)
    {
        foreach (var hit in journaled)
        {
            if (
                _detections.TryGetValue(hit.Key.Rule, out var rule)
                && _rules.Correlations.FirstOrDefault(c => c.Key == hit.Key.Correlation) is { } correlation
                && _groups[correlation.Key].Of(hit.Record.Span) is { } group
            )
            {
                _timeline.Add(new WaitingHit(correlation, new Hit(rule, hit.Key.Event, hit.Time, hit.Record, hit.Origin, hit.Index), group, hit.Time));
            }
            else
            {
                // Its rule is gone, or it lacks a field that the group is made of: nobody waits for it.
                _outcome.Forget(hit.Key);
            }
        }
    }

    private Outcome Advance()
    {
        _timeline.AdvanceTo(_watermark.Current);
        var outcome = _outcome;
        _outcome = new Outcome();
        return outcome;
    }
}
