using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// Whether the program can run for months: events at a steady pace, and memory, handles, threads and the queue looked at again and again. The events' own time passes faster
/// than the clock's, so that everything that is kept for hours or days of it is full, and forgets as much as it learns, after minutes. In the suite for a moment; for an
/// hour with <c>DETECTOR_SOAK_MINUTES=60</c>: see docs/reliability.md.
/// </summary>
public class SoakTests(Emulator emulator)
{
    private const long Megabyte = 1024 * 1024;
    private static readonly int Minutes = DrillCount.Setting("DETECTOR_SOAK_MINUTES", 0);
    private static readonly int Rate = DrillCount.Setting("DETECTOR_SOAK_RATE", 200);

    /// <summary>By how much faster.</summary>
    private static readonly int Speed = DrillCount.Setting("DETECTOR_SOAK_SPEED", Minutes > 0 ? 24 : 600);

    private static readonly TimeSpan Length = Minutes > 0 ? TimeSpan.FromMinutes(Minutes) : TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = Minutes > 0 ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Run_EventsWithoutEnd_MemoryHandlesAndThreadsStayFlatAndNothingIsLost()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "handles and threads are counted in /proc");
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        await using var detector = await live.Deployment.StartReadyAsync();
        using var http = new HttpClient();
        var readings = new List<Reading>();
        var watch = Stopwatch.StartNew();
        var sent = 0;
        // The last event is one of now.
        var begin = DateTimeOffset.UtcNow + Length - Length * Speed;
        while (watch.Elapsed < Length)
        {
            var due = (int)(Math.Min(watch.Elapsed.TotalSeconds, Length.TotalSeconds) * Rate);
            await live.SendAsync(Enumerable.Range(sent, due - sent).SelectMany(number => Messages(number, begin)));
            sent = due;
            if (watch.Elapsed >= Between * (readings.Count + 1))
            {
                readings.Add(await ReadAsync(live, detector, http, watch.Elapsed));
                DrillCount.Say($"soak: {readings[^1]}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }
        await live.QueueEmptyAsync();
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        var expected = Enumerable.Range(0, sent).Where(IsAlert).Select(MarkOf).ToHashSet(StringComparer.Ordinal);
        await new DrillCount("soak", sent, expected).CompareAsync(live, interruptions: 0);
        Assert.Equal(Enumerable.Range(0, sent).Count(IsPoison), await emulator.CountAsync(live.Dead));
        // What the first third still warms up is none of the trend. A moment's trend is coarse: code is compiled, connections are opened.
        var last = readings[(readings.Count / 3)..];
        AssertFlat("memory in MB", last, reading => (double)reading.Memory / Megabyte, Minutes > 0 ? 8 : 48);
        AssertFlat("managed heap in MB", last, reading => (double)reading.Heap / Megabyte, Minutes > 0 ? 4 : 24);
        AssertFlat("handles", last, reading => reading.Handles, 10);
        AssertFlat("threads", last, reading => reading.Threads, 10);
        AssertFlat("messages in the queue", last, reading => reading.Queue, Rate);
    }

    private static async Task<Reading> ReadAsync(LivePath live, DetectorProcess detector, HttpClient http, TimeSpan at) =>
        new(
            at,
            detector.Memory,
            await detector.HeapAsync(http),
            detector.Handles,
            detector.Threads,
            Directory.EnumerateFiles(live.Deployment.Folder, "detector.db*").Sum(file => new FileInfo(file).Length),
            await live.WaitingAsync(),
            live.Deployment.Pending,
            // Read as they come: the emulator keeps what nobody takes.
            (await live.Inbox.ReadAsync()).Count
        );

    private static void AssertFlat(string what, IReadOnlyList<Reading> readings, Func<Reading, double> of, double most)
    {
        var growth = Growth(readings, of);
        DrillCount.Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"soak, {what}: {of(readings[0]):0.#} at {readings[0].At:hh\\:mm\\:ss}, {of(readings[^1]):0.#} at {readings[^1].At:hh\\:mm\\:ss}, {readings.Min(of):0.#} to {readings.Max(of):0.#}; the trend is {growth:+0.0;-0.0} (at most +{most:0.#})"
            )
        );
        Assert.InRange(growth, double.MinValue, most);
    }

    /// <summary>By how much a figure grows from the first reading to the last along the line that fits best (least squares).</summary>
    private static double Growth(IReadOnlyList<Reading> readings, Func<Reading, double> of)
    {
        var (time, value) = (readings.Average(reading => reading.At.TotalSeconds), readings.Average(of));
        var joint = readings.Sum(reading => (reading.At.TotalSeconds - time) * (of(reading) - value));
        var spread = readings.Sum(reading => Math.Pow(reading.At.TotalSeconds - time, 2));
        return joint / spread * (readings[^1].At - readings[0].At).TotalSeconds;
    }

    private static bool IsAlert(int number) => number % 20 == 3;

    private static bool IsPoison(int number) => number % 1000 == 500;

    private static string MarkOf(int number) => $"drill-soak-{number}";

    /// <summary>Of one event: mostly one message, sometimes two, as the queue may deliver it twice; now and then something that is no event at all.</summary>
    private static IEnumerable<string> Messages(int number, DateTimeOffset begin) =>
        IsPoison(number) ? [$"by no means JSON {number}"]
        : number % 40 == 3 ? [Trail.EventBridge(Event(number, begin)), Trail.EventBridge(Event(number, begin))]
        : [Trail.EventBridge(Event(number, begin))];

    /// <summary>
    /// What an account's programs do all day, in sessions that come and go, and now and then root from another address, which it is told once an hour of. The mark is the
    /// event's id. Of 4,096 actors the detector remembers what they did last: so many have come after some 20,000 events. The ids of 10,000 alerts are full after 200,000.
    /// </summary>
    private static JsonObject Event(int number, DateTimeOffset begin)
    {
        var record = IsAlert(number)
            ? Trail.RootUse("aws-cli/2.31.4", $"203.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
            : Trail.Looking("aws-sdk-java/2.32.1", role: $"service-{number % 20}", session: $"task-{number / 100}");
        record["eventID"] = MarkOf(number);
        return record.At(begin + TimeSpan.FromSeconds((double)number / Rate) * Speed);
    }

    /// <summary>The program as it was at one moment.</summary>
    private sealed record Reading(TimeSpan At, long Memory, long Heap, int Handles, int Threads, long Ledger, int Queue, int Pending, int Published)
    {
        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{At:hh\\:mm\\:ss} memory {(double)Memory / Megabyte:0.0} MB, heap {(double)Heap / Megabyte:0.0} MB, {Handles} handles, {Threads} threads, ledger {(double)Ledger / Megabyte:0.0} MB, queue {Queue}, outbox {Pending}, published {Published}"
            );
    }
}
