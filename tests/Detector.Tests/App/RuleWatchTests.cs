using Detector.App;
using Detector.Core;
using Detector.Core.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App;

public sealed class RuleWatchTests : IDisposable, IProgress<Notice>
{
    private readonly string _folder = Directory.CreateTempSubdirectory("watch-").FullName;
    private readonly List<Notice> _notices = [];
    private readonly List<RuleSet> _replaced = [];
    private readonly FakeTimeProvider _time = new();
    private readonly RuleWatch _watch;

    public RuleWatchTests()
    {
        Write("a.yml", Rule("A"));
        _watch = new RuleWatch([_folder], this, _time);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    void IProgress<Notice>.Report(Notice value) => _notices.Add(value);

    [Fact]
    public void Look_NothingChanged_LeavesTheRules()
    {
        _watch.Load();

        Look(times: 3);

        Assert.Empty(_replaced);
    }

    [Fact]
    public void Look_FileAdded_ReplacesOnceWhenTheChangeStandsStill()
    {
        _watch.Load();
        Write("b.yml", Rule("B"));

        Look(times: 1);
        var early = _replaced.Count;
        Look(times: 3);

        Assert.Equal(0, early);
        Assert.Equal(2, Assert.Single(_replaced).Detections.Count);
        Assert.Contains(_notices, notice => notice.Message.StartsWith("changed: 2 detections", StringComparison.Ordinal));
    }

    [Fact]
    public void Look_FileRemoved_ReplacesTheRules()
    {
        Write("b.yml", Rule("B"));
        _watch.Load();
        File.Delete(Path.Combine(_folder, "b.yml"));

        Look(times: 2);

        Assert.Single(Assert.Single(_replaced).Detections);
    }

    [Theory]
    [InlineData("title: Bad\nlogsource: {product: aws}\ndetection: {s: {eventName|sounds: A}, condition: s}\n", "unknown modifier 'sounds'")]
    [InlineData("title: Orphan\ncorrelation: {type: event_count, rules: [nobody], timespan: 5m, condition: {gte: 2}}\n", "'nobody', which is not loaded")]
    public void Look_BadChange_KeepsTheRulesAndSaysWhyOnce(string bad, string reason)
    {
        _watch.Load();
        Write("b.yml", Rule("B"));
        Write("c.yml", bad);

        Look(times: 4);

        Assert.Empty(_replaced);
        Assert.Single(_notices, notice => notice.Severity == NoticeSeverity.Error && notice.Message.Contains(reason, StringComparison.Ordinal));
        Assert.Single(_notices, notice => notice.Message.StartsWith("the change is refused, the rules before it stay", StringComparison.Ordinal));
    }

    [Fact]
    public void Look_BadChangeMended_ReplacesTheRules()
    {
        _watch.Load();
        Write("b.yml", "nonsense: [");
        Look(times: 2);
        Write("b.yml", Rule("B"));

        Look(times: 2);

        Assert.Equal(2, Assert.Single(_replaced).Detections.Count);
    }

    [Fact]
    public void Look_FolderEmptied_KeepsTheRules()
    {
        _watch.Load();
        File.Delete(Path.Combine(_folder, "a.yml"));

        Look(times: 2);

        Assert.Empty(_replaced);
    }

    [Fact]
    public void Look_LinkTurnedRound_AsAConfigMapDoes_ReplacesTheRules()
    {
        var time = new DateTime(2026, 11, 23, 9, 0, 0, DateTimeKind.Utc);
        foreach (var version in (string[])["1", "2"])
        {
            Write($"..{version}/m.yml", Rule("M" + version));
            File.SetLastWriteTimeUtc(Path.Combine(_folder, $"..{version}/m.yml"), time);
        }
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(_folder, "m.yml"), "..data/m.yml");
        _watch.Load();
        Directory.Delete(Path.Combine(_folder, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..2");

        Look(times: 2);

        Assert.Contains(Assert.Single(_replaced).Detections, rule => rule.Title == "M2");
    }

    [Fact]
    public async Task RunAsync_Asked_ReloadsAtOnce()
    {
        _watch.Load();
        using var asked = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var replaced = new TaskCompletionSource();
        var running = _watch.RunAsync(_ => replaced.SetResult(), asked, stop.Token);

        asked.Release();
        await replaced.Task.WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;

        Assert.True(replaced.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RunAsync_TimePasses_SeesTheChange()
    {
        _watch.Load();
        Write("b.yml", Rule("B"));
        using var asked = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var replaced = new TaskCompletionSource<RuleSet>();
        var running = _watch.RunAsync(replaced.SetResult, asked, stop.Token);

        while (!replaced.Task.IsCompleted)
        {
            _time.Advance(RuleWatch.Every);
            await Task.Yield();
        }
        await stop.CancelAsync();
        await running;

        Assert.Equal(2, (await replaced.Task).Detections.Count);
    }

    private void Look(int times)
    {
        for (var i = 0; i < times; i++)
            _watch.Look(_replaced.Add);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static string Rule(string title) =>
        $"title: {title}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{eventName: {title}}}, condition: s}}\n";
}
