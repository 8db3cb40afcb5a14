using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Detector.Adapters.Http;
using Detector.Adapters.Telemetry;
using Detector.Core.Rules;

namespace Detector.Integration.Tests.Status;

public sealed class StatusServerTests : IAsyncLifetime
{
    private const string Token = "a-token-for-this-test";

    private readonly HttpClient _http = new();
    private readonly PipelineMetrics _metrics = new("1.2.3", TimeProvider.System, () => DateTimeOffset.MinValue, () => [], new RuleCosts(TimeProvider.System));
    private StatusServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => StartAsync(null);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _metrics.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task Get_Page_ComesWithItsPolicyAndIsNotKept()
    {
        using var answer = await _http.GetAsync(new Uri(_server.Address!, "/"), Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Get_Metrics_AreInPrometheusForm()
    {
        var text = await _http.GetStringAsync(new Uri(_server.Address!, StatusServer.MetricsPath), Cancel);

        Assert.Contains("# TYPE detector_batches_in_hand gauge", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere", 404)]
    [InlineData("/../etc/passwd", 404)]
    public async Task Get_OtherPath_IsNotFound(string path, int status)
    {
        using var answer = await _http.GetAsync(new Uri(_server.Address!, path), Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Post_AnyPath_ChangesNothing()
    {
        using var content = new StringContent("x");
        using var answer = await _http.PostAsync(new Uri(_server.Address!, "/"), content, Cancel);

        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.MethodNotAllowed, HttpStatusCode.RequestEntityTooLarge });
    }

    [Fact]
    public async Task Get_ByAnotherNameThanOurs_IsForbidden()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _server.Address);
        request.Headers.Host = "evil.example";

        using var answer = await _http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("/", null, 401)]
    [InlineData("/metrics", null, 401)]
    [InlineData("/status.json", "Bearer another-token-for-it", 401)]
    [InlineData("/", "Bearer a-token-for-this-test", 200)]
    [InlineData("/", "Basic OmEtdG9rZW4tZm9yLXRoaXMtdGVzdA==", 200)]
    [InlineData("/healthz", null, 200)]
    public async Task Get_WithAToken_PassesWhoShowsItAndHealth(string path, string? authorization, int status)
    {
        await _server.DisposeAsync();
        await StartAsync(Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Address!, path));
        if (authorization is not null)
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);

        using var answer = await _http.SendAsync(request, Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count > 0);
    }

    private async ValueTask StartAsync(string? token)
    {
        StatusAnswer Answer(string text) => new(200, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(text), "default-src 'none'");
        _server = new StatusServer(
            new IPEndPoint(IPAddress.Loopback, 0),
            token,
            new Dictionary<string, Func<CancellationToken, ValueTask<StatusAnswer>>>(StringComparer.Ordinal)
            {
                ["/"] = _ => ValueTask.FromResult(Answer("page")),
                ["/status.json"] = _ => ValueTask.FromResult(Answer("{}")),
                ["/healthz"] = _ => ValueTask.FromResult(Answer("ok")),
            }
        );
        await _server.StartAsync(Cancel);
    }
}
