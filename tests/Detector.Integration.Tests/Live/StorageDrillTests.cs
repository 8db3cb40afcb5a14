using System.Diagnostics;
using System.Security.Cryptography;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Slack;
using Microsoft.Data.Sqlite;

namespace Detector.Integration.Tests.Live;

/// <summary>The ledger's disk is full, its file is locked by another program, or damaged: told, nothing acknowledged that is not kept, and the service goes on.</summary>
public class StorageDrillTests(Emulator emulator)
{
    private const int Alerts = 120;
    private const int Many = 500;

    [Fact]
    public async Task Run_DiskFull_SaysSoKeepsTheQueueAndGoesOnWhenThereIsRoom()
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        await using var disk = await SmallDisk.MountAsync(live.Deployment.Folder);
        await using var detector = await live.Deployment.StartReadyAsync();
        await live.SendAsync(Messages(0, 10));
        await live.SlackCountsAsync(10);

        disk.Fill();
        // More than there is still room for in the ledger's own log.
        await live.SendAsync(Messages(10, Many - 10));
        await detector.LogsAsync("no space is left for it");
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var (waiting, dead) = (await live.WaitingAsync(), await emulator.CountAsync(live.Dead));
        disk.Free();
        await AllToldAsync(live, Many);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.InRange(waiting, 1, Many - 10);
        Assert.Equal(0, dead);
        Assert.Contains("works again", detector.Log, StringComparison.Ordinal);
        await CompareAsync("disk full", live, interruptions: 1, Many);
    }

    [Fact]
    public async Task Run_LedgerLockedByAnotherProgram_WaitsForItAndLosesNothing()
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        await using var detector = await live.Deployment.StartReadyAsync();
        await live.SendAsync(Messages(0, Alerts / 2));
        await live.SlackCountsAsync(Alerts / 2);

        await using (var another = new SqliteConnection($"Data Source={live.Deployment.PathOf("detector.db")};Pooling=False"))
        {
            await another.OpenAsync(TestContext.Current.CancellationToken);
            await using var held = another.BeginTransaction(deferred: false);
            await live.SendAsync(Messages(Alerts / 2, Alerts / 2));
            await detector.LogsAsync("another program keeps it locked");
        }
        await AllToldAsync(live);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Equal(0, await emulator.CountAsync(live.Dead));
        await CompareAsync("ledger locked", live, interruptions: 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_LedgerDamaged_IsMovedAsideAndNamedAndTheServiceGoesOn(bool whileItRuns)
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        var first = await live.Deployment.StartReadyAsync();
        await live.SendAsync(Messages(0, Alerts / 2));
        await live.SlackCountsAsync(Alerts / 2);
        await live.Inbox.CountsAsync(Alerts / 2);
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the first half is told");

        if (!whileItRuns)
            await first.KillAsync();
        Damage(live.Deployment.PathOf("detector.db"));
        await using var detector = whileItRuns ? first : await live.Deployment.StartReadyAsync();
        await live.SendAsync(Messages(Alerts / 2, Alerts / 2));
        await AllToldAsync(live);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Equal(0, await emulator.CountAsync(live.Dead));
        var aside = Assert.Single(Directory.GetFiles(live.Deployment.Folder, "detector.db.damaged-*Z"));
        Assert.Contains($"is damaged: it now lies at {aside}", detector.Log, StringComparison.Ordinal);
        await CompareAsync(whileItRuns ? "ledger damaged while it runs" : "ledger damaged before a start", live, interruptions: 0);
        if (!whileItRuns)
            await first.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_SpoolOfTheIntakeDamaged_IsMovedAsideAndNamedAndTheServiceGoesOn(bool whileItRuns)
    {
        await using var slack = await SlackFake.StartAsync();
        using var deployment = new Deployment { Webhook = slack.Url, More = "intake:\n  listen: 127.0.0.1:0\n" };
        var first = await deployment.StartReadyAsync();
        await PostAsync(first, 0, Alerts / 2);
        await Eventually.TrueAsync(() => slack.Channel.Count >= Alerts / 2 && deployment.Pending == 0, "the first half is told");

        if (!whileItRuns)
            await first.KillAsync();
        var spool = Assert.Single(Directory.GetFiles(deployment.Folder, "*spool*.db"));
        Damage(spool);
        await using var detector = whileItRuns ? first : await deployment.StartReadyAsync();
        if (whileItRuns)
        {
            // Damage shows when the file is next read: what was taken until then is in the damaged file alone, as the program says.
            await PostAsync(detector, [Trail.EventBridge(Trail.Call("iam.amazonaws.com", "ListAccessKeys", "nothing-to-tell", null))]);
            await detector.LogsAsync("is damaged: it now lies at");
        }
        await PostAsync(detector, Alerts / 2, Alerts / 2);
        await Eventually.TrueAsync(() => slack.Channel.Count >= Alerts && deployment.Pending == 0, "the second half is told");
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        var aside = Assert.Single(Directory.GetFiles(deployment.Folder, "*.damaged-*Z"));
        Assert.Contains($"is damaged: it now lies at {aside}", detector.Log, StringComparison.Ordinal);
        var expected = Enumerable.Range(0, Alerts).Select(number => $"drill-key-{number}").ToHashSet(StringComparer.Ordinal);
        var count = new DrillCount($"spool damaged {(whileItRuns ? "while it runs" : "before a start")}", Alerts, expected);
        count.Compare("slack", Marks.In(slack.Channel.Select(post => post.Body)), mostRepeats: 0);
        count.Compare("jsonl", Marks.In(deployment.Alerts), mostRepeats: 0);
        if (!whileItRuns)
            await first.DisposeAsync();
    }

    [Fact]
    public async Task Run_LedgerFileIsSomethingElse_IsLeftAlone()
    {
        using var deployment = new Deployment { More = "intake:\n  listen: 127.0.0.1:0\n" };
        var letter = new string('x', 5_000);
        await File.WriteAllTextAsync(deployment.PathOf("detector.db"), letter, TestContext.Current.CancellationToken);

        await using var detector = deployment.Start();
        var exit = await detector.ExitAsync();

        Assert.Equal(2, exit);
        Assert.Equal(letter, await File.ReadAllTextAsync(deployment.PathOf("detector.db"), TestContext.Current.CancellationToken));
    }

    private static Task PostAsync(DetectorProcess detector, int first, int count) => PostAsync(detector, Messages(first, count));

    private static async Task PostAsync(DetectorProcess detector, IEnumerable<string> messages)
    {
        using var http = new HttpClient();
        foreach (var message in messages)
        {
            using var content = new StringContent(message, System.Text.Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(detector.IntakeAddress, content, TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        }
    }

    private static IEnumerable<string> Messages(int first, int count) =>
        Enumerable.Range(first, count).Select(number => Trail.EventBridge(Trail.Session(Trail.AccessKey($"drill-key-{number}"), number)));

    private static async Task AllToldAsync(LivePath live, int count = Alerts)
    {
        await live.QueueEmptyAsync();
        await live.SlackCountsAsync(count);
        await live.Inbox.CountsAsync(count);
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
    }

    private static Task CompareAsync(string drill, LivePath live, int interruptions, int count = Alerts) =>
        new DrillCount(drill, count, Enumerable.Range(0, count).Select(number => $"drill-key-{number}").ToHashSet(StringComparer.Ordinal)).CompareAsync(
            live,
            interruptions
        );

    /// <summary>Every byte behind the first page's header, as a failing disk or a stray program leaves it; the log beside it goes too.</summary>
    private static void Damage(string file)
    {
        foreach (var side in (string[])["", "-wal"])
        {
            if (!File.Exists(file + side))
                continue;
            using var stream = new FileStream(file + side, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.Seek(100, SeekOrigin.Begin);
            for (var left = stream.Length - 100; left > 0; left -= 4096)
                stream.Write(RandomNumberGenerator.GetBytes((int)Math.Min(4096, left)));
        }
    }
}

/// <summary>A disk of a few megabytes in a folder's place.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Filler => Path.Combine(_folder, "filler");

    /// <summary>Skips the test where nothing may be mounted.</summary>
    public static async Task<SmallDisk> MountAsync(string folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a small disk is a tmpfs of Linux");
        var (code, error) = await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder);
        Assert.SkipWhen(code != 0, $"a small disk cannot be mounted here: {error}");
        return new SmallDisk(folder);
    }

    /// <summary>Takes all room there is.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var some = new byte[4096];
        try
        {
            while (true)
                filler.Write(some);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Free() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        for (var patience = 0; patience < 50 && (await RunAsync("umount", _folder)).Code != 0; patience++)
            await Task.Delay(100);
    }

    private static async Task<(int Code, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error.Trim());
    }
}
