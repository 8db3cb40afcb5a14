using System.Net;
using Detector.App.Vigil;
using Detector.Tests.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Vigil;

public sealed class HeartbeatTests : IDisposable
{
    private static readonly Uri Url = new("https://beats.example/secret-of-the-switch");

    private readonly NoticeList _notices = new();
    private readonly Switch _switch = new();
    private readonly HttpClient _http;

    public HeartbeatTests() => _http = new HttpClient(_switch);

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Beat_AllIsWell_CallsAndLogs()
    {
        await Beat().BeatAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Url, Assert.Single(_switch.Called));
        Assert.Equal((Heartbeat.Subject, "all is well"), (Assert.Single(_notices.All).Subject, _notices.All[0].Message));
    }

    [Fact]
    public async Task Beat_SomethingIsWrong_IsWithheldAndSaysWhy()
    {
        await Beat("the ledger does not answer", "silence").BeatAsync(TestContext.Current.CancellationToken);

        Assert.Empty(_switch.Called);
        Assert.Equal("withheld: the ledger does not answer; silence", Assert.Single(_notices.All).Message);
    }

    [Fact]
    public async Task Beat_SwitchRefusesOrIsAway_SaysSoWithoutTheUrl()
    {
        _switch.Answer = () => new HttpResponseMessage(HttpStatusCode.NotFound);
        await Beat().BeatAsync(TestContext.Current.CancellationToken);
        _switch.Answer = () => throw new HttpRequestException(Url.ToString());
        await Beat().BeatAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["not taken: HTTP 404", "not taken: HttpRequestException"], _notices.All.Select(notice => notice.Message).Where(text => text[0] == 'n'));
        Assert.DoesNotContain(_notices.All, notice => notice.Message.Contains("secret", StringComparison.Ordinal));
    }

    private Heartbeat Beat(params string[] complaints) =>
        new(
            Url,
            isLogged: true,
            TimeSpan.FromMinutes(1),
            _ => ValueTask.FromResult<IReadOnlyList<string>>(complaints),
            _http,
            new FakeTimeProvider(Offers.Noon),
            _notices
        );

    private sealed class Switch : HttpMessageHandler
    {
        public List<Uri> Called { get; } = [];

        public Func<HttpResponseMessage> Answer { get; set; } = () => new HttpResponseMessage(HttpStatusCode.OK);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Called.Add(request.RequestUri!);
            return Task.FromResult(Answer());
        }
    }
}
