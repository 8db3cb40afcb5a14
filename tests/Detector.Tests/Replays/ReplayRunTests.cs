using System.Runtime.CompilerServices;
using System.Text;
using Detector.Adapters.Files;
using Detector.App.Replays;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Replays;

public sealed class ReplayRunTests : IDisposable
{
    private static readonly RuleSet Rules = RulesFor("eventName: A");

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();

    public void Dispose() => _stopping.Dispose();

    [Fact]
    public void Run_Stopped_ConcludesWhatWasRead()
    {
        // What is open by then is read to its end. Whoever opens another meanwhile waits until all know that it is stopped.
        var turn = new Lock();
        var archive = new Archive(1_000, Stop);

        using var outcome = Run(archive);

        Assert.InRange(outcome.Stats.Files, 1, 2 + Environment.ProcessorCount);
        Assert.Equal(outcome.Stats.Files, outcome.Stats.Alerts);
        Assert.Equal(outcome.Stats.Alerts, outcome.Alerts.Count());
        Assert.StartsWith($"{outcome.Stats.Files} of ", outcome.Stopped, StringComparison.Ordinal);

        void Stop(int number)
        {
            lock (turn)
                (number >= 2 ? _stopping : null)?.Cancel();
        }
    }

    [Fact]
    public void Run_ToItsEnd_IsNotStopped()
    {
        using var outcome = Run(new Archive(1_000, _ => { }));

        Assert.Null(outcome.Stopped);
        Assert.Equal((1_000, 1_000, 1_000), ((int)outcome.Stats.Files, (int)outcome.Stats.Records, outcome.Stats.Alerts));
    }

    [Fact]
    public void Run_OnATerminal_ShowsHowFarItIsAndClearsTheLine()
    {
        using var terminal = new StringWriter();

        // The last file is not read before it is known to be the last: how long the listing takes is its own affair.
        using var outcome = Run(new Archive(100, number => Assert.True(SpinWait.SpinUntil(() => Passes(number < 99), TimeSpan.FromSeconds(30)))), terminal);

        bool Passes(bool isEnough)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            lock (terminal)
                return isEnough || terminal.ToString().Contains(" left", StringComparison.Ordinal);
        }

        var lines = terminal.ToString().Split('\r');
        Assert.Matches(@"^\d+ of \d+( or more)? files, \d of \d MB, \d+ records/s", lines[1]);
        Assert.Contains(lines, line => line.Contains("of 100 files, ", StringComparison.Ordinal) && line.Contains(" left", StringComparison.Ordinal));
        Assert.Equal("\u001b[K", lines[^1]);
    }

    [Fact]
    public void Run_ItemThatThrows_FailsAsAWhole()
    {
        Assert.Throws<InvalidOperationException>(() => Run(new Archive(10, _ => throw new InvalidOperationException("a fault of ours"))));
    }

    [Fact]
    public void Run_RulesStillToBeMade_FirstFilesAreOpenedMeanwhile()
    {
        var opened = 0;
        // With one core there is one worker, and it makes the rules first.
        var workers = Environment.ProcessorCount - 1;
        var archive = new Archive(workers + 100, _ => Interlocked.Increment(ref opened));

        using var outcome = Run(archive, Make);

        Assert.Equal(workers + 100, outcome.Stats.Alerts);

        RuleSet Make()
        {
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref opened) == workers, TimeSpan.FromSeconds(30)));
            return Rules;
        }
    }

    [Fact]
    public void Run_RulesThatCannotBeMade_EndsWhoeverReadsOrWaitsForThem()
    {
        var archive = new SilentArchive();

        var error = Assert.Throws<InvalidDataException>(() => Run(archive, () => throw new InvalidDataException("no rules")));

        Assert.Equal("no rules", error.Message);
        Assert.True(archive.IsOver);
    }

    [Fact]
    public void Run_ItemsThatCannotBeOpened_AreLosses()
    {
        using var outcome = Run(new Archive(3, number => throw new IOException($"no {number}")));

        Assert.Equal(["0: at byte 0: no 0", "1: at byte 0: no 1", "2: at byte 0: no 2"], outcome.Losses.Select(loss => loss.ToString()));
    }

    [Fact]
    public void Run_SeveralSets_EachFindsWhatItFindsAlone()
    {
        RuleSet[] sets = [Rules, RulesFor("eventID: '7'"), RulesFor("eventName: B")];

        var outcomes = ReplayRun.Run(new Archive(50, _ => { }), sets, default, new ReplayOptions(Path.GetTempPath(), _time), _stopping.Token);

        using (outcomes[0])
        {
            Assert.Equal([50, 1, 0], outcomes.Select(outcome => outcome.Stats.Alerts));
            Assert.Equal("7", Assert.Single(outcomes[1].Alerts).Events[0].EventId);
            Assert.All(outcomes, outcome => Assert.Equal(50, outcome.Stats.Records));
        }
    }

    [Fact]
    public void Run_SeveralSets_TellALossOnce()
    {
        var archive = new Archive(1, _ => { }, """{"eventName":"A"}""" + "\nnonsense\n" + """{"eventName":"A","x":tru}""");

        var outcomes = ReplayRun.Run(archive, [RulesFor("eventName: B"), Rules], default, new ReplayOptions(Path.GetTempPath(), _time), _stopping.Token);

        // The last one is read by whoever wants it, and only then is it found to be no JSON.
        using (outcomes[0])
            Assert.Equal([1, 2], outcomes[0].Losses.Select(loss => loss.Record));
    }

    private static RuleSet RulesFor(string selection) =>
        RuleSet.Compile(
            SigmaReader.Read("r.yml", $"title: A\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{{selection}}}, condition: s}}\n").Rules
        );

    private ReplayOutcome Run(ITrailArchive archive, TextWriter? terminal = null) =>
        ReplayRun.Run(archive, Rules, default, new ReplayOptions(Path.GetTempPath(), _time) { Progress = terminal }, _stopping.Token);

    private ReplayOutcome Run(ITrailArchive archive, Func<RuleSet> rules) =>
        ReplayRun.Run(archive, rules, default, new ReplayOptions(Path.GetTempPath(), _time), _stopping.Token);

    private sealed class Archive(int count, Action<int> onOpen, string? content = null) : ITrailArchive
    {
        public async IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.CompletedTask;
            for (var number = 0; number < count; number++)
                yield return new Item(number, onOpen, content);
        }
    }

    private sealed class Item(int number, Action<int> onOpen, string? content) : TrailItem($"{number}", 100)
    {
        public override Stream Open(CancellationToken cancellation)
        {
            onOpen(number);
            return new MemoryStream(Encoding.UTF8.GetBytes(content ?? $$"""{"eventID":"{{number}}","eventName":"A","eventTime":"2026-01-01T00:00:00Z"}"""));
        }
    }

    /// <summary>Lists and opens until it is cancelled, as a pipe is waited for that nobody writes to.</summary>
    private sealed class SilentArchive : ITrailArchive
    {
        public bool IsOver { get; private set; }

        public async IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
        {
            try
            {
                for (var number = 0; number < Environment.ProcessorCount; number++)
                    yield return new SilentItem();
                await Task.Delay(TimeSpan.FromSeconds(30), cancellation);
            }
            finally
            {
                IsOver = cancellation.IsCancellationRequested;
            }
        }

        private sealed class SilentItem() : TrailItem("silent", null)
        {
            public override Stream Open(CancellationToken cancellation)
            {
                cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
                cancellation.ThrowIfCancellationRequested();
                return Stream.Null;
            }
        }
    }
}
