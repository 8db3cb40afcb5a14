using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Detection;

/// <summary>
/// Stage 2 behind a judge and a ledger's journal, played in marbles: <c>a1@5/alice:3</c> is event <c>a1</c>, which rule <c>a</c> matches, at second 5, of user
/// alice, with value 3. What is told reads <c>c@5 alice [a1 a2]</c>: rule, second, group, events; an exclamation mark if late.
/// </summary>
internal sealed partial class Stage : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Judge _judge;
    private readonly TimeSpan _lateness;
    private readonly List<Finding> _findings = [];
    private DetectionPipeline _pipeline;

    public Stage(RuleSet rules, TimeSpan? lateness = null)
    {
        _judge = new Judge(rules);
        _lateness = lateness ?? TimeSpan.Zero;
        Ledger = new InMemoryLedger(Clock);
        _pipeline = new DetectionPipeline(rules, _lateness, Clock);
    }

    /// <summary>A day after the start: stories are shorter.</summary>
    public FakeTimeProvider Clock { get; } = new(Start.AddDays(1));

    public InMemoryLedger Ledger { get; }

    public IEnumerable<string> Told => _findings.Select(Text);

    public IEnumerable<AlertId> Alerts => _findings.Select(finding => AlertMaker.Of(finding).Id).Distinct();

    public IEnumerable<Alert> Made => _findings.Select(AlertMaker.Of);

    public bool AnyLate => _findings.Exists(finding => finding.Late);

    public IEnumerable<string> Waiting => JournalAsync().ToBlockingEnumerable().Select(hit => Name(hit.Record.Span));

    /// <summary>What the ledger holds of history.</summary>
    public IEnumerable<LearnedFact> Remembered => Ledger.ReadHistoryAsync(TestContext.Current.CancellationToken).ToBlockingEnumerable();

    /// <summary>Rules named a to d, each for the event name of its letter, and correlations given as <c>name: body</c>.</summary>
    public static RuleSet Rules(params IEnumerable<(string Name, string Correlation)> correlations) =>
        Matching.Load([
            .. "abcd".Select(name =>
                (
                    $"{name}.yml",
                    $"name: {name}\n{Matching.RuleAround($"{{s: {{eventName: {name}}}, condition: s}}")}".Replace(
                        "title: t",
                        $"title: rule {name}",
                        StringComparison.Ordinal
                    )
                )
            ),
            .. correlations.Select(c => ($"{c.Name}.yml", $"title: rule {c.Name}\nname: {c.Name}\ncorrelation: {{{c.Correlation}}}\n")),
        ]);

    /// <summary>Batches in, and after long quiet everything that was told.</summary>
    public static IReadOnlyList<string> Play(string correlation, params IEnumerable<string> batches)
    {
        using var stage = new Stage(Rules(("c", correlation)));
        foreach (var batch in batches)
        {
            stage.Send(batch);
        }
        stage.End();
        return [.. stage.Told];
    }

    public void Dispose() => _pipeline.Dispose();

    public void Send(string marbles, DateTimeOffset? sentAt = null)
    {
        using var batch = Batch(
            Marble()
                .Matches(marbles)
                .Select(m =>
                    Record(m.Groups["id"].Value, int.Parse(m.Groups["at"].Value, CultureInfo.InvariantCulture), m.Groups["user"].Value, m.Groups["value"].Value)
                ),
            sentAt
        );
        Send(batch);
    }

    /// <summary>What the pump does with a batch, up to a step at which the process dies.</summary>
    public void Send(EventBatch batch, Step until = Step.Done)
    {
        var judgement = _judge.Try(batch);
        Assert.Empty(judgement.Rejected);
        var journaled = Now(Ledger.JournalAsync(_pipeline.ForJournal(judgement), default));
        if (until > Step.Journaled)
        {
            Conclude(_pipeline.Take(judgement, journaled, batch.SentAt), until);
        }
    }

    /// <summary>Batches in, until the process dies at a step of one of them, or of the quiet behind the last; a new one gets again what was not acknowledged.</summary>
    public void SendAndDie(List<EventBatch> arrivals, byte death, Step step)
    {
        var last = death % (arrivals.Count + 1);
        foreach (var batch in arrivals[..last])
        {
            Send(batch);
        }
        if (last < arrivals.Count)
        {
            Send(arrivals[last], step);
        }
        else
        {
            Idle(step);
        }
        Restart();
        foreach (var batch in arrivals[last..])
        {
            Send(batch);
        }
    }

    public void Idle(Step until = Step.Done) => Conclude(_pipeline.Idle(), until);

    /// <summary>So long a quiet that every group ends.</summary>
    public void End()
    {
        Clock.Advance(TimeSpan.FromDays(365));
        Idle();
    }

    /// <summary>A new process over the same ledger.</summary>
    public void Restart()
    {
        _pipeline.Dispose();
        _pipeline = new DetectionPipeline(_judge.Rules, _lateness, Clock);
        foreach (var fact in Remembered)
        {
            _pipeline.Restore(fact);
        }
        foreach (var hit in JournalAsync().ToBlockingEnumerable())
        {
            _pipeline.Restore(hit);
        }
    }

    /// <summary>Records, in the order in which they arrive, cut into batches, of which some come twice.</summary>
    public static List<EventBatch> Batches(IEnumerable<string> arrivals, byte[] cuts)
    {
        var records = arrivals.ToArray();
        var batches = new List<EventBatch>();
        for (int at = 0, batch = 0; at < records.Length; batch++)
        {
            var cut = cuts.Length == 0 ? 1 : cuts[batch % cuts.Length];
            var size = 1 + cut % 5;
            batches.Add(Batch(records.Skip(at).Take(size)));
            if (cut >= 200)
            {
                batches.Add(batches[^(1 + cut % batches.Count)]);
            }
            at += size;
        }
        return batches;
    }

    public static EventBatch Batch(IEnumerable<string> records, DateTimeOffset? sentAt = null) =>
        new("test", Encoding.UTF8.GetBytes(string.Join('\n', records)), Receipt.None, sentAt);

    public static string Record(string id, double second, string user, string value) =>
        $$"""{"eventID":"{{id}}","eventName":"{{id[0]}}","eventTime":"{{Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ss.FFF}}Z"{{(user.Length > 0 ? $",\"user\":\"{user}\"" : "")}}{{(value.Length > 0 ? $",\"value\":\"{value}\"" : "")}}}""";

    private IAsyncEnumerable<JournaledHit> JournalAsync() => Ledger.ReadJournalAsync(TestContext.Current.CancellationToken);

    private void Conclude(Outcome outcome, Step until)
    {
        if (until > Step.Taken)
        {
            _findings.AddRange(outcome.Findings);
        }
        if (until > Step.Accepted)
        {
            var history = _pipeline.TakeHistory();
            Assert.True(Ledger.RememberAsync(history.Learned, history.Forgotten, default).AsTask().IsCompletedSuccessfully);
        }
        if (until > Step.Learned)
        {
            Now(Ledger.JournalAsync(outcome.Journal, default));
        }
        if (until > Step.Chained)
        {
            Assert.True(Ledger.ForgetAsync(outcome.Forgotten, default).AsTask().IsCompletedSuccessfully);
        }
    }

    private static T Now<T>(ValueTask<T> done) =>
        done.IsCompletedSuccessfully ? done.Result : throw new InvalidOperationException("the ledger in memory waits for nothing");

    private static string Text(Finding finding) =>
        $"{finding.Rule.Label}@{(finding.Newest.Time! - Start).Value.TotalSeconds}{(finding.Group is { Length: > 0 } group ? $" {group}" : "")} [{string.Join(' ', finding.Hits.Select(hit => Name(hit.Record.Span)))}]{(finding.Late ? "!" : "")}";

    public static string Name(ReadOnlySpan<byte> record) => Id().Match(Encoding.UTF8.GetString(record)).Groups["id"].Value;

    [GeneratedRegex(@"(?<id>[a-d]\w*)@(?<at>\d+)(/(?<user>\w+))?(:(?<value>[\w.-]+))?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Marble();

    [GeneratedRegex("\"eventID\":\"(?<id>\\w+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();
}

/// <summary>How far the pump comes with a batch before the process dies.</summary>
public enum Step
{
    /// <summary>Its hits are in the journal.</summary>
    Journaled,

    /// <summary>They are judged.</summary>
    Taken,

    /// <summary>The findings are in the outbox.</summary>
    Accepted,

    /// <summary>What history learned is remembered.</summary>
    Learned,

    /// <summary>Hits made by correlations are in the journal.</summary>
    Chained,

    /// <summary>All of it.</summary>
    Done,
}
