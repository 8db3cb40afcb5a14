using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Detector.Adapters.Files;
using Detector.Adapters.Spills;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Detection.Surveys;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Replays;

/// <summary>How a replay goes about it.</summary>
/// <param name="Scratch">The folder for what does not fit into memory.</param>
/// <param name="Time">Measures.</param>
internal sealed record ReplayOptions(string Scratch, TimeProvider Time)
{
    /// <summary>Where the progress is shown; nowhere if null.</summary>
    public TextWriter? Progress { get; init; }

    /// <summary>Records from elsewhere are not judged.</summary>
    public PlaceScope Places { get; init; } = PlaceScope.All;

    /// <summary>What is known of the time before the archive.</summary>
    public IReadOnlyList<LearnedFact> Known { get; init; } = [];

    /// <summary>Is told what the archive holds, if it is there.</summary>
    public Survey? Survey { get; init; }

    /// <summary>How many of the records behind it an alert brings along.</summary>
    public int Evidence { get; init; }

    /// <summary>Is given each alert with these records as it is found, in no order, if it is there: they are not kept.</summary>
    public Action<Alert>? Found { get; init; }

    /// <summary>Makes, for the rules, what is shown every record that is tried, if it is there; safe from many threads. Takes the place of a survey.</summary>
    public Func<RuleSet, IRecordWitness>? Witness { get; init; }

    /// <summary>Is told the hash of everything that is read, if it is there.</summary>
    public ContentHashes? Hashes { get; init; }

    /// <summary>Whether libdeflate may be used where the system has it.</summary>
    public bool UseLibrary { get; init; } = true;
}

/// <summary>
/// Replays an archive: while it is listed, one worker a core reads and judges what was found, in any order; then the hits are concluded in the order of their
/// times. Memory stays the same however large the archive is.
/// </summary>
/// <remarks>To read and to unpack a file takes no rules: while they are made, all workers but one, which makes them, begin with their first file.</remarks>
internal sealed class ReplayRun : IDisposable
{
    private readonly TaskCompletionSource<IReadOnlyList<Lane>> _lanes = new();
    private readonly ReplayOptions _options;
    private readonly TrailQueue _queue = new();
    private readonly ReplayLosses _losses = new();
    private readonly ReplayProgress _progress;
    private readonly CancellationTokenSource _reading;
    private IRecordWitness? _witness;
    private ExceptionDispatchInfo? _failure;

    private ReplayRun(ReplayOptions options, CancellationToken stopping)
    {
        _options = options;
        _progress = new ReplayProgress(options.Time);
        _reading = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    }

    /// <summary>The rule sets, once they are made; whoever comes before that waits.</summary>
    /// <exception cref="OperationCanceledException">They could not be made.</exception>
    private IReadOnlyList<Lane> Lanes => _lanes.Task.GetAwaiter().GetResult();

    /// <summary>Replays; what cannot be read is told, and the rest is done. Stopped, it concludes what it has read by then.</summary>
    /// <exception cref="Adapters.Sqlite.StorageException">What does not fit into memory cannot be put aside.</exception>
    public static ReplayOutcome Run(ITrailArchive archive, RuleSet rules, TimeRange within, ReplayOptions options, CancellationToken stopping) =>
        Run(archive, () => rules, within, options, stopping);

    /// <summary>The same by rules that are still to be made. What making them throws is thrown.</summary>
    /// <exception cref="Adapters.Sqlite.StorageException">What does not fit into memory cannot be put aside.</exception>
    public static ReplayOutcome Run(ITrailArchive archive, Func<RuleSet> rules, TimeRange within, ReplayOptions options, CancellationToken stopping) =>
        Run(archive, () => [rules()], within, options, stopping)[0];

    /// <summary>Replays one archive by several rule sets, and reads it once. Returns an outcome for each set; to dispose of one is to dispose of all.</summary>
    /// <exception cref="Adapters.Sqlite.StorageException">What does not fit into memory cannot be put aside.</exception>
    public static IReadOnlyList<ReplayOutcome> Run(
        ITrailArchive archive,
        IReadOnlyList<RuleSet> sets,
        TimeRange within,
        ReplayOptions options,
        CancellationToken stopping
    ) => Run(archive, () => sets, within, options, stopping);

    private static IReadOnlyList<ReplayOutcome> Run(
        ITrailArchive archive,
        Func<IReadOnlyList<RuleSet>> sets,
        TimeRange within,
        ReplayOptions options,
        CancellationToken stopping
    )
    {
        var run = new ReplayRun(options, stopping);
        try
        {
            run.Read(archive, sets, within);
            return run.Conclude();
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_lanes.Task.IsCompletedSuccessfully)
        {
            foreach (var lane in Lanes)
                lane.Dispose();
        }
        _queue.Dispose();
        _reading.Dispose();
    }

    private void Read(ITrailArchive archive, Func<IReadOnlyList<RuleSet>> sets, TimeRange within)
    {
        var listing = Task.Run(() => _queue.FillAsync(archive, unread => _losses.Add(unread.Path, [], unread), _reading.Token));
        var others = Enumerable.Range(1, Environment.ProcessorCount - 1).Select(_ => new Thread(Work)).ToList();
        others.ForEach(thread => thread.Start());
        JudgeBy(sets, within);
        using var shown = _options.Progress is { } terminal ? _progress.Show(terminal, _queue) : null;
        Work();
        others.ForEach(thread => thread.Join());
        listing.GetAwaiter().GetResult();
        _failure?.Throw();
    }

    private void JudgeBy(Func<IReadOnlyList<RuleSet>> make, TimeRange within)
    {
        try
        {
            var sets = make();
            _witness = _options.Witness?.Invoke(sets[0]);
            _lanes.SetResult([.. sets.Select(rules => new Lane(rules, within, _options))]);
        }
        catch (Exception e)
        {
            Fail(e);
            _lanes.SetCanceled();
        }
    }

    private void Fail(Exception e)
    {
        Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
        _reading.Cancel();
    }

    private IReadOnlyList<ReplayOutcome> Conclude()
    {
        var isWhole = _queue.IsComplete && _progress.Files == _queue.Found;
        var stopped = isWhole ? null : $"{_progress.Files} of {_queue.Found}{(_queue.IsComplete ? "" : " or more")} files were read";
        return [.. Lanes.Select(lane => Conclude(lane, stopped))];
    }

    private ReplayOutcome Conclude(Lane lane, string? stopped)
    {
        var duplicates = lane.Replay.Conclude(lane.Hits.InOrder(lane.Prospects), _progress.Newest, Take, lane.Hidden.Add);
        using var process = Process.GetCurrentProcess();
        var stats = new ReplayStats
        {
            Files = _progress.Files,
            Records = _progress.Records,
            Oldest = _progress.Oldest,
            Newest = _progress.Newest,
            Rejected = _losses.Rejected,
            Duplicates = duplicates,
            Foreign = _progress.Foreign,
            BytesRead = _progress.BytesRead,
            BytesJson = _progress.BytesJson,
            Elapsed = _progress.Elapsed,
            Alerts = lane.Alerts.Count,
            Hidden = lane.Hidden.Tallies,
            Inflater = _options.UseLibrary && TrailReader.HasLibrary ? "libdeflate" : "zlib",
            Spilled = lane.Hits.HasSpilled || lane.Alerts.HasSpilled,
            PeakMemory = process.PeakWorkingSet64,
        };
        return new ReplayOutcome(lane.Alerts.InOrder(), _losses.InOrder(), stats, stopped, this);

        void Take(Alert alert)
        {
            _options.Found?.Invoke(alert);
            lane.Alerts.Add(alert);
        }
    }

    private void Work()
    {
        // A worker's own, so that none waits for another.
        var survey = _options.Survey?.Fresh();
        try
        {
            using var reader = new TrailReader(_options.UseLibrary);
            while (_queue.Take(_reading.Token) is { } item)
                Judge(reader, item, survey);
        }
        catch (OperationCanceledException) when (_reading.IsCancellationRequested)
        {
            // What was judged by then stays judged.
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            if (survey is not null)
                Add(survey, _options.Survey!);
        }
    }

    private static void Add(Survey survey, Survey total)
    {
        lock (total)
            total.Add(survey);
    }

    private void Judge(TrailReader reader, TrailItem item, Survey? survey)
    {
        var position = default(ReadPosition);
        List<Rejected> rejected = [];
        UnreadFile? rest = null;
        using var hash = _options.Hashes is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            var read = reader.Read(item, Take, _reading.Token);
            rest = read.Problem;
            _progress.Read(read);
            if (hash is not null)
                _options.Hashes!.Add(item, hash, read.Problem);
        }
        finally
        {
            _losses.Add(item.Name, rejected, rest);
        }

        int Take(ReadOnlySpan<byte> window, bool isLast)
        {
            var before = position;
            List<Rejected>? here = null;
            var lanes = Lanes;
            foreach (var lane in lanes)
            {
                // Each begins where the one before it did, and all of them come to the same end.
                position = before;
                var judgement = lane.Replay.Try(item.Name, window, isLast, ref position, lane == lanes[0] ? _witness ?? survey : null, lane.Hits.Add);
                if (judgement.Rejected.Count > 0)
                    (here ??= []).AddRange(judgement.Rejected);
                if (lane == lanes[0])
                    _progress.Judged(judgement);
            }
            // The bytes of what was rejected are told by place: they need not be kept.
            rejected.AddRange((here ?? []).DistinctBy(one => (one.Index, one.Offset)).Select(one => one with { Content = default }));
            var done = (int)(position.Offset - before.Offset);
            // What is left of a window is at the beginning of the next one.
            hash?.AppendData(isLast ? window : window[..done]);
            return done;
        }
    }

    /// <summary>One rule set, with what it finds.</summary>
    private sealed class Lane : IDisposable
    {
        public Lane(RuleSet rules, TimeRange within, ReplayOptions options)
        {
            Prospects = new Prospects(rules);
            Replay = new Replay(rules, within, options.Places, options.Known, options.Evidence, options.Time, Prospects);
            Hits = new HitStore(rules, options.Scratch);
            Alerts = new AlertStore(options.Scratch);
        }

        public Replay Replay { get; }

        public Prospects Prospects { get; }

        public HitStore Hits { get; }

        public AlertStore Alerts { get; }

        public HiddenTally Hidden { get; } = new();

        public void Dispose()
        {
            Hits.Dispose();
            Alerts.Dispose();
        }
    }
}
