using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Detector.Integration.Tests.Aws;

/// <summary>A call to SQS or SNS, as far as a front looks into it.</summary>
/// <param name="Action">As AWS names it: <c>ReceiveMessage</c>, <c>Publish</c>.</param>
/// <param name="AccessKey">Who has signed it.</param>
/// <param name="SignedAt">When, by the caller's clock.</param>
internal sealed record AwsCall(string Action, string AccessKey, DateTimeOffset SignedAt)
{
    /// <summary>Whether messages are given to SNS by it.</summary>
    public bool IsPublishing => Action is "Publish" or "PublishBatch";
}

/// <summary>What AWS answers in the emulator's place.</summary>
/// <param name="Status">HTTP's.</param>
/// <param name="Code">AWS's error code.</param>
/// <param name="Message">One line.</param>
internal sealed record AwsRefusal(int Status, string Code, string Message);

/// <summary>
/// Stands before the emulator and refuses what a test wants refused, in the words of AWS; everything else goes on to the emulator, wherever it is by then. It counts what
/// was published, so that a drill knows that also when an emulator has gone with all it held. At <see cref="CredentialsAddress"/> it hands out credentials as ECS does.
/// </summary>
internal sealed class AwsFront : IAsyncDisposable
{
    private const string Credentials = "/credentials";

    private readonly WebApplication _app;
    private readonly Func<Uri> _emulator;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ConcurrentQueue<string> _published = new();
    private readonly ConcurrentDictionary<string, int> _refused = new(StringComparer.Ordinal);

    private AwsFront(WebApplication app, Func<Uri> emulator) => (_app, _emulator) = (app, emulator);

    public Uri Address { get; private set; } = null!;

    public Uri CredentialsAddress => new(Address, Credentials);

    /// <summary>Whether it breaks every connection, as if there were nobody.</summary>
    public volatile bool Away;

    /// <summary>Says what is refused; nothing if null.</summary>
    public Func<AwsCall, AwsRefusal?>? Refuses { get; set; }

    /// <summary>The JSON of the credentials that are handed out now; none if null.</summary>
    public Func<string?>? Hands { get; set; }

    /// <summary>The messages that the emulator's SNS has taken.</summary>
    public IReadOnlyList<string> Published => [.. _published];

    /// <summary>How often something was refused, by AWS's code.</summary>
    public int Refused(string code) => _refused.GetValueOrDefault(code);

    public static async Task<AwsFront> StartAsync(Func<Uri> emulator)
    {
        var front = new AwsFront(LocalServer.Make(), emulator);
        front._app.Run(front.HandleAsync);
        await front._app.StartAsync();
        front.Address = new Uri(front._app.Urls.Single());
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (Away)
        {
            http.Abort();
            return;
        }
        if (http.Request.Path == Credentials)
        {
            var handed = Hands?.Invoke();
            http.Response.StatusCode = handed is null ? 500 : 200;
            await http.Response.WriteAsync(handed ?? "");
            return;
        }
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var form = http.Request.HasFormContentType ? QueryHelpers.ParseQuery(body) : [];
        var call = CallOf(http.Request, form.TryGetValue("Action", out var action) ? action.ToString() : null);
        if (Refuses?.Invoke(call) is { } refusal)
        {
            _refused.AddOrUpdate(refusal.Code, 1, (_, count) => count + 1);
            await RefuseAsync(http.Response, refusal, isQuery: http.Request.HasFormContentType);
            return;
        }
        if (await ForwardAsync(http, body) && call.IsPublishing)
        {
            // One message, or the entries of a batch.
            foreach (var (_, message) in form.Where(field => field.Key == "Message" || field.Key.EndsWith(".Message", StringComparison.Ordinal)))
                _published.Enqueue(message.ToString());
        }
    }

    private static AwsCall CallOf(HttpRequest request, string? action)
    {
        var signed = request.Headers.Authorization.ToString();
        var key = signed.Split("Credential=") is [_, var scope] ? scope.Split('/')[0] : "";
        var at = DateTimeOffset.TryParseExact(request.Headers["X-Amz-Date"], "yyyyMMdd'T'HHmmss'Z'", null, default, out var time) ? time : default;
        return new AwsCall(action ?? request.Headers["X-Amz-Target"].ToString().Split('.')[^1], key, at);
    }

    private static Task RefuseAsync(HttpResponse response, AwsRefusal refusal, bool isQuery)
    {
        response.StatusCode = refusal.Status;
        response.ContentType = isQuery ? "text/xml" : "application/x-amz-json-1.0";
        response.Headers["x-amzn-RequestId"] = "00000000-0000-0000-0000-000000000000";
        return response.WriteAsync(
            isQuery
                ? $"<ErrorResponse><Error><Type>Sender</Type><Code>{refusal.Code}</Code><Message>{refusal.Message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
                : $$"""{"__type":"com.amazonaws.sqs#{{refusal.Code}}","message":"{{refusal.Message}}"}"""
        );
    }

    /// <returns>Whether the emulator took it.</returns>
    private async Task<bool> ForwardAsync(HttpContext http, string body)
    {
        using var onward = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(_emulator(), http.Request.Path + http.Request.QueryString));
        onward.Content = new StringContent(body);
        onward.Content.Headers.Remove("Content-Type");
        foreach (var (name, value) in http.Request.Headers.Where(header => header.Key is not "Host" and not "Content-Length"))
        {
            if (!onward.Headers.TryAddWithoutValidation(name, value.ToArray()))
                onward.Content.Headers.TryAddWithoutValidation(name, value.ToArray());
        }
        try
        {
            using var answer = await _http.SendAsync(onward, http.RequestAborted);
            var content = await answer.Content.ReadAsByteArrayAsync(http.RequestAborted);
            http.Response.StatusCode = (int)answer.StatusCode;
            http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            foreach (var (name, value) in answer.Headers.Where(header => header.Key.StartsWith("x-amzn", StringComparison.OrdinalIgnoreCase)))
                http.Response.Headers[name] = value.ToArray();
            await http.Response.Body.WriteAsync(content, http.RequestAborted);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // As if the emulator's own connection had broken.
            http.Abort();
            return false;
        }
    }
}
