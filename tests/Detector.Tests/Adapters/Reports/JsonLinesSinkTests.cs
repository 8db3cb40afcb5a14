using System.Text;
using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Tests.Adapters.Slack;

namespace Detector.Tests.Adapters.Reports;

public sealed class JsonLinesSinkTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("jsonl");

    private string File => Path.Combine(_folder.FullName, "alerts.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Send_ManyAtOnce_OneWholeLineEach()
    {
        using var sink = new JsonLinesSink(File);
        var alerts = Enumerable.Range(0, 50).Select(i => SlackAlerts.AdminGrant.With($"{i}\nline").To("jsonl")).ToList();

        await Parallel.ForEachAsync(alerts, TestContext.Current.CancellationToken, async (alert, cancellation) => await sink.SendAsync(alert, cancellation));

        var read = (await ReadLinesAsync()).Select(line => AlertJson.Read(Encoding.UTF8.GetBytes(line)).Group).Order();
        Assert.Equal(alerts.Select(alert => alert.Alert.Group).Order(), read);
    }

    [Fact]
    public async Task Send_AfterALineCutShort_BeginsANewOne()
    {
        await System.IO.File.WriteAllTextAsync(File, "{\"id\":\"cut sho", TestContext.Current.CancellationToken);
        using var sink = new JsonLinesSink(File);

        await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);

        var lines = await ReadLinesAsync();
        Assert.Equal(2, lines.Length);
        Assert.Equal(SlackAlerts.AdminGrant.Id, AlertJson.Read(Encoding.UTF8.GetBytes(lines[1])).Id);
    }

    [Fact]
    public async Task Send_NewFile_IsItsOwnersAloneAndOneThatIsThereKeepsItsRights()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such rights");
        if (OperatingSystem.IsWindows())
            return;
        using var sink = new JsonLinesSink(File);

        await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);
        var made = System.IO.File.GetUnixFileMode(File);
        System.IO.File.SetUnixFileMode(File, made | UnixFileMode.GroupRead);
        await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, made);
        Assert.Equal(made | UnixFileMode.GroupRead, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task Send_FileMovedAway_GoesOnInANewOne()
    {
        using var sink = new JsonLinesSink(File);
        await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);
        System.IO.File.Move(File, File + ".1");

        var answer = await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        Assert.Single(await ReadLinesAsync());
    }

    [Fact]
    public async Task Send_FolderMissing_IsForLater()
    {
        using var sink = new JsonLinesSink(Path.Combine(_folder.FullName, "missing", "alerts.jsonl"));

        var answer = await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
    }

    [Fact]
    public async Task Send_DiskFull_IsForLater()
    {
        if (!System.IO.File.Exists("/dev/full"))
            Assert.Skip("no /dev/full on this machine");
        using var sink = new JsonLinesSink("/dev/full");

        var answer = await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
        Assert.Contains("No space", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_StreamFailsMidway_NextLineIsWhole()
    {
        using var stream = new FailsOnce();
        using var sink = new JsonLinesSink(stream);
        var first = await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);

        var second = await sink.SendAsync(SlackAlerts.AdminGrant.To("jsonl"), CancellationToken.None);

        Assert.Equal((SinkOutcome.Retry, SinkOutcome.Delivered), (first.Outcome, second.Outcome));
        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(SlackAlerts.AdminGrant.Id, AlertJson.Read(Encoding.UTF8.GetBytes(lines[1])).Id);
    }

    private Task<string[]> ReadLinesAsync() => System.IO.File.ReadAllLinesAsync(File, TestContext.Current.CancellationToken);

    /// <summary>Takes half of its first write, then fails; takes all later ones.</summary>
    private sealed class FailsOnce : MemoryStream
    {
        private bool _failed;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_failed)
                return base.WriteAsync(buffer, cancellationToken);
            _failed = true;
            Write(buffer.Span[..(buffer.Length / 2)]);
            throw new IOException("No space left on device");
        }
    }
}
