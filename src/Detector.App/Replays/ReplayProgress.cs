using System.Globalization;
using Detector.Adapters.Files;
using Detector.Core.Detection;

namespace Detector.App.Replays;

/// <summary>What a replay has done so far. Workers add to it; a timer may show it on one line of a terminal.</summary>
internal sealed class ReplayProgress(TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly long _started = time.GetTimestamp();
    private long _files;
    private long _records;
    private long _foreign;
    private long _bytesRead;
    private long _newest;
    private long _oldest = long.MaxValue;
    private long _bytesJson;

    public long Files => Interlocked.Read(ref _files);

    public long Records => Interlocked.Read(ref _records);

    public long Foreign => Interlocked.Read(ref _foreign);

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public long BytesJson => Interlocked.Read(ref _bytesJson);

    /// <summary>The time of the newest event; null before there is one.</summary>
    public DateTimeOffset? Newest => Interlocked.Read(ref _newest) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>The time of the oldest event; null before there is one.</summary>
    public DateTimeOffset? Oldest => Interlocked.Read(ref _oldest) is < long.MaxValue and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>A window of a file has been judged.</summary>
    public void Judged(in Judgement judgement)
    {
        Interlocked.Add(ref _records, judgement.Records);
        Interlocked.Add(ref _foreign, judgement.Foreign);
        if (judgement is not { Newest.UtcTicks: var newest, Oldest.UtcTicks: var oldest })
            return;
        for (var known = Interlocked.Read(ref _newest); newest > known; known = Interlocked.Read(ref _newest))
            Interlocked.CompareExchange(ref _newest, newest, known);
        for (var known = Interlocked.Read(ref _oldest); oldest < known; known = Interlocked.Read(ref _oldest))
            Interlocked.CompareExchange(ref _oldest, oldest, known);
    }

    /// <summary>A file has been read.</summary>
    public void Read(TrailRead read)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytesRead, read.BytesRead);
        Interlocked.Add(ref _bytesJson, read.BytesContent);
    }

    /// <summary>Shows it until the result is disposed, which clears the line.</summary>
    public IDisposable Show(TextWriter terminal, TrailQueue queue)
    {
        var timer = time.CreateTimer(_ => Write(terminal, Line(queue)), null, Every, Every);
        return new Shown(timer, () => Write(terminal, ""));
    }

    private static void Write(TextWriter terminal, string line)
    {
        // Back to the line's beginning; what stood there is erased behind the new text.
        lock (terminal)
            terminal.Write($"\r{line}\u001b[K");
    }

    private string Line(TrailQueue queue)
    {
        var elapsed = Elapsed;
        var culture = CultureInfo.InvariantCulture;
        var all = queue.IsComplete ? "" : " or more";
        var rate = Records / Math.Max(elapsed.TotalSeconds, 1e-3);
        var left = "";
        if (queue.IsComplete && elapsed >= Shortest && BytesRead > 0)
        {
            var rest = elapsed * ((double)Math.Max(0, queue.Bytes - BytesRead) / BytesRead);
            left = string.Create(culture, $", {(long)rest.TotalMinutes}:{rest.Seconds:D2} left");
        }
        return string.Create(
            culture,
            $"{Files:N0} of {queue.Found:N0}{all} files, {BytesRead / 1e6:N0} of {queue.Bytes / 1e6:N0} MB, {rate:N0} records/s{left}"
        );
    }

    private sealed class Shown(ITimer timer, Action clear) : IDisposable
    {
        public void Dispose()
        {
            timer.Dispose();
            clear();
        }
    }
}
