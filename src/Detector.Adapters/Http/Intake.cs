using System.Net;
using System.Text.Json;
using Detector.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Detector.Adapters.Http;

/// <summary>
/// The embedded intake: <c>POST /events</c> takes EventBridge envelopes, arrays, <c>{"Records":[...]}</c> and JSON lines, plain or gzip, of
/// any content type, and answers 202 once they are on disk in the spool. A body is taken whole or not at all.
/// </summary>
public sealed class Intake : IAsyncDisposable
{
    private const int RetryAfterSeconds = 30;

    private const int MaxConnections = 1_000;

    // Bodies are held in memory whole, so only so many at once; the others wait with their bytes still in the network.
    private const int MaxBodies = 64;

    private readonly Spool _spool;
    private readonly IntakeOptions _options;
    private readonly RequestGuard _guard;
    private readonly IProgress<Notice> _notices;
    private readonly Listener _listener;
    private readonly SemaphoreSlim _bodies = new(MaxBodies);

    /// <param name="spool">Where bodies go; stays the caller's.</param>
    /// <param name="options">Where to listen, and what to take.</param>
    /// <param name="notices">Told when the spool fails.</param>
    /// <exception cref="ArgumentException">Listening beyond loopback without a token.</exception>
    public Intake(Spool spool, IntakeOptions options, IProgress<Notice> notices)
    {
        _spool = spool;
        _options = options;
        _guard = new RequestGuard(options.Address, options.Token);
        _notices = notices;

        _listener = new Listener(new IPEndPoint(options.Address, options.Port), options.MaxBody, MaxConnections, TimeSpan.FromSeconds(5));
        _listener.Web.Use(GuardAsync);
        _listener.Web.MapPost("/events", TakeAsync);
        _listener.Web.MapGet("/healthz", (RequestDelegate)(context => AnswerAsync(context, StatusCodes.Status200OK, json => json.WriteString("status", "ok"))));
    }

    /// <summary>Where it listens, with the port that was free if none was asked for; null before the start.</summary>
    public Uri? Address => _listener.Address;

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The address or port cannot be had.</exception>
    public Task StartAsync(CancellationToken cancellation) => _listener.StartAsync(cancellation);

    /// <summary>Ends: requests under way are answered if they come to an end within five seconds, and new ones are not taken.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _bodies.Dispose();
    }

    private Task GuardAsync(HttpContext context, RequestDelegate next) =>
        // Whoever asks for health learns nothing, and container health checks know no token.
        _guard.Judge(context.Request, needsToken: context.Request.Path != "/healthz")
            is { } refusal
            ? RefuseAsync(context, refusal)
            : next(context);

    private async Task TakeAsync(HttpContext context)
    {
        try
        {
            await _bodies.WaitAsync(context.RequestAborted);
            try
            {
                await SpoolAsync(context);
            }
            finally
            {
                _bodies.Release();
            }
        }
        catch (BadHttpRequestException error)
        {
            await RefuseAsync(context, new Refusal(error.StatusCode, error.Message));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The sender is gone, and nobody is left to answer to. What it sent may be in the spool all the same: it will send it again.
        }
    }

    private async Task SpoolAsync(HttpContext context)
    {
        var (body, refusal) = await IntakeBody.ReadAsync(context.Request, _options, context.RequestAborted);
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }
        long? id;
        try
        {
            id = await _spool.AppendAsync(body, context.RequestAborted);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _notices.Report(new Notice(NoticeSeverity.Error, "intake", "events were turned away because the spool failed", error));
            await RefuseAsync(context, new Refusal(StatusCodes.Status503ServiceUnavailable, "the spool failed; nothing was taken"));
            return;
        }
        if (id is null)
            await RefuseAsync(context, new Refusal(StatusCodes.Status503ServiceUnavailable, "the spool is full; nothing was taken"));
        else
            await AnswerAsync(context, StatusCodes.Status202Accepted, json => json.WriteNumber("id", id.Value));
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString();
        return AnswerAsync(context, refusal.Status, json => json.WriteString("error", refusal.Reason));
    }

    private static async Task AnswerAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }
}
