using System.Net;
using Detector.Adapters.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace Detector.Adapters.Http;

/// <summary>What a path of the status server answers.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Body">The body.</param>
/// <param name="Policy">The content security policy of a page; null for what is no page.</param>
public sealed record StatusAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body, string? Policy = null);

/// <summary>
/// Serves the status page, health and metrics, read only. Health needs no token, so that a container's checks get by without one, and tells no more than yes or
/// no and why.
/// </summary>
public sealed class StatusServer : IAsyncDisposable
{
    /// <summary>Where Prometheus reads.</summary>
    public const string MetricsPath = "/metrics";

    private const string HealthPath = "/healthz";

    private readonly RequestGuard _guard;
    private readonly Listener _listener;

    /// <param name="listen">Where to listen; port 0 for a free one.</param>
    /// <param name="token">What must be shown, as a bearer token or as a browser's password; null on loopback.</param>
    /// <param name="pages">What each path answers to GET.</param>
    /// <exception cref="ArgumentException">Listening beyond loopback without a token.</exception>
    public StatusServer(IPEndPoint listen, string? token, IReadOnlyDictionary<string, Func<CancellationToken, ValueTask<StatusAnswer>>> pages)
    {
        _guard = new RequestGuard(listen.Address, token);
        _listener = new Listener(
            listen,
            maxBody: 0,
            maxConnections: 100,
            patience: TimeSpan.FromSeconds(2),
            services =>
                services
                    .AddOpenTelemetry()
                    .WithMetrics(metrics => metrics.AddMeter(PipelineMetrics.MeterName, PipelineMetrics.RuntimeMeterName).AddPrometheusExporter())
        );
        _listener.Web.Use(GuardAsync);
        foreach (var (path, answer) in pages)
            _listener.Web.MapGet(path, (RequestDelegate)(context => AnswerAsync(context, answer)));
        _listener.Web.MapPrometheusScrapingEndpoint(MetricsPath);
    }

    /// <summary>Where it listens; null before the start.</summary>
    public Uri? Address => _listener.Address;

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The address or port cannot be had.</exception>
    public Task StartAsync(CancellationToken cancellation) => _listener.StartAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        if (_guard.Judge(context.Request, needsToken: !context.Request.Path.StartsWithSegments(HealthPath, StringComparison.Ordinal)) is not { } refusal)
            return next(context);
        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            headers.WWWAuthenticate = "Basic realm=\"Detector: the token is the password\", charset=\"UTF-8\"";
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(refusal.Reason, context.RequestAborted);
    }

    private static async Task AnswerAsync(HttpContext context, Func<CancellationToken, ValueTask<StatusAnswer>> page)
    {
        var answer = await page(context.RequestAborted);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        if (answer.Policy is not null)
        {
            context.Response.Headers.ContentSecurityPolicy = answer.Policy;
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
        }
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
