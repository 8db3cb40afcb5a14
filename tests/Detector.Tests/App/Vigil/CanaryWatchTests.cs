using System.Text;
using Detector.App.Vigil;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Delivery;

namespace Detector.Tests.App.Vigil;

public sealed class CanaryWatchTests
{
    private readonly WallClock _clock = new(Offers.Noon);
    private readonly NoticeList _notices = new();
    private readonly Told _told = new();
    private readonly Dispatcher _dispatcher;

    public CanaryWatchTests()
    {
        var sink = new SinkRoute(ScriptedSink.Answers("sink"), Level.Informational);
        _dispatcher = new Dispatcher(new TestLedger(_clock), [sink], new DispatcherOptions(), _clock, new Random(1), _notices, _told);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_CallCameBack_IsContent()
    {
        var watch = Watch(_ => Task.FromResult("7c9a-1"));
        await watch.CallAsync(Cancel);
        _clock.Advance(TimeSpan.FromSeconds(90));

        Judge(watch, """{"eventName":"GetCallerIdentity","requestID":"7c9a-1"}""");
        _clock.Advance(TimeSpan.FromHours(1));
        await watch.LookAsync(_dispatcher, Cancel);

        Assert.Empty(_told.Alerts);
        Assert.Null(watch.Complaint);
        Assert.Contains(_notices.All, notice => notice.Message == "came back after 90 seconds");
    }

    [Fact]
    public async Task Look_CallOverdue_AlertsOnceAndNamesTheRequest()
    {
        var watch = Watch(_ => Task.FromResult("7c9a-1"));
        await watch.CallAsync(Cancel);

        Judge(watch, """{"requestID":"7c9a-2"}""");
        _clock.Advance(TimeSpan.FromMinutes(31));
        await watch.LookAsync(_dispatcher, Cancel);
        await watch.LookAsync(_dispatcher, Cancel);

        var alert = Assert.Single(_told.Alerts);
        Assert.Equal("detector-canary-lost", alert.Rule.Name);
        Assert.Contains("7c9a-1", alert.Rule.Description, StringComparison.Ordinal);
        Assert.NotNull(watch.Complaint);
    }

    [Fact]
    public async Task Look_WallClockIsSetAhead_GivesTheCallItsTime()
    {
        var watch = Watch(_ => Task.FromResult("7c9a-1"));
        await watch.CallAsync(Cancel);

        _clock.Off = TimeSpan.FromHours(2);
        _clock.Advance(TimeSpan.FromSeconds(90));
        await watch.LookAsync(_dispatcher, Cancel);
        Judge(watch, """{"requestID":"7c9a-1"}""");
        await watch.LookAsync(_dispatcher, Cancel);

        Assert.Empty(_told.Alerts);
        Assert.Contains(_notices.All, notice => notice.Message == "came back after 90 seconds");
    }

    [Fact]
    public async Task Look_NextCallComesBack_EndsTheComplaint()
    {
        var ids = new Queue<string>(["a-1", "a-2"]);
        var watch = Watch(_ => Task.FromResult(ids.Dequeue()));
        await watch.CallAsync(Cancel);
        _clock.Advance(TimeSpan.FromMinutes(31));
        await watch.LookAsync(_dispatcher, Cancel);

        await watch.CallAsync(Cancel);
        Judge(watch, """{"requestID":"a-2"}""");
        await watch.LookAsync(_dispatcher, Cancel);

        Assert.Null(watch.Complaint);
    }

    [Fact]
    public async Task Call_Fails_SaysSoAndAccusesNoTrail()
    {
        var watch = Watch(_ => throw new HttpRequestException("no network"));

        await watch.CallAsync(Cancel);
        _clock.Advance(TimeSpan.FromHours(1));
        await watch.LookAsync(_dispatcher, Cancel);

        Assert.Empty(_told.Alerts);
        Assert.Equal(NoticeSeverity.Warning, Assert.Single(_notices.All).Severity);
    }

    private CanaryWatch Watch(Func<CancellationToken, Task<string>> call) =>
        new(call, TimeSpan.FromHours(1), TimeSpan.FromMinutes(30), "sqs", _clock, _notices);

    private static void Judge(CanaryWatch watch, string record)
    {
        var batch = new EventBatch("test", Encoding.UTF8.GetBytes(record), Receipt.None);
        watch.Judged(batch, new Judgement(RuleSet.Empty, 1, null, [], []));
    }

    private sealed class Told : PipelineWatch
    {
        public List<Alert> Alerts { get; } = [];

        public override void Accepted(Alert alert) => Alerts.Add(alert);
    }
}
