using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Detector.Integration.Tests.Slack;

/// <summary>
/// An incoming webhook as Slack runs them, on a free loopback port. It takes what Slack takes (see <see cref="SlackRules"/>), answers
/// <c>ok</c>, and remembers every post. Answers queued with <see cref="Answer"/> are given first, one a post. Safe for many threads.
/// </summary>
internal sealed class SlackFake : IAsyncDisposable
{
    /// <summary>The part of <see cref="Url"/> that must never be seen outside the request.</summary>
    public const string Secret = "aSecretThatOnlyTheRequestHolds";

    private const string Path = $"/services/T00000000/B00000000/{Secret}";

    private readonly WebApplication _app;
    private readonly TimeProvider _clock;
    private readonly ConcurrentQueue<SlackAnswerScript> _script = new();
    private readonly Lock _gate = new();
    private readonly List<SlackPost> _posts = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SlackFake(WebApplication app, TimeProvider clock)
    {
        _app = app;
        _clock = clock;
    }

    /// <summary>The webhook's URL.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>How posts are answered for which no answer is queued; as Slack would, if null.</summary>
    public SlackAnswerScript? Otherwise { get; set; }

    /// <summary>Every post so far, in order of arrival, whatever it was answered.</summary>
    public IReadOnlyList<SlackPost> Posts
    {
        get
        {
            lock (_gate)
                return [.. _posts];
        }
    }

    /// <summary>What would stand in the channel: the posts that Slack took, told so or not.</summary>
    public IReadOnlyList<SlackPost> Channel => [.. Posts.Where(post => post.Taken)];

    /// <param name="port">A certain port, to come back to after a stop; 0 for a free one.</param>
    /// <param name="clock">Stamps the posts; the system's if null.</param>
    public static async Task<SlackFake> StartAsync(int port = 0, TimeProvider? clock = null)
    {
        // A hanging answer must not keep a finished test waiting.
        var app = LocalServer.Make(port, services => services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero));
        var fake = new SlackFake(app, clock ?? TimeProvider.System);
        fake._app.Run(fake.HandleAsync);
        await fake._app.StartAsync();
        fake.Url = new Uri(fake._app.Urls.Single() + Path);
        return fake;
    }

    /// <summary>Queues answers for the posts to come; afterwards posts are taken again.</summary>
    public void Answer(params ReadOnlySpan<SlackAnswerScript> answers)
    {
        foreach (var answer in answers)
            _script.Enqueue(answer);
    }

    /// <summary>Forgets answers queued and not given: posts are taken again.</summary>
    public void TakeAgain() => _script.Clear();

    /// <summary>Waits until the posts so far meet a condition.</summary>
    public async Task<IReadOnlyList<SlackPost>> WaitAsync(Func<IReadOnlyList<SlackPost>, bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
                changed = _changed.Task;
            var posts = Posts;
            if (condition(posts))
                return posts;
            await changed.WaitAsync(cancellation);
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var answer = _script.TryDequeue(out var scripted) ? scripted : Otherwise ?? Judge(http.Request, body);
        Remember(new SlackPost(_clock.GetUtcNow(), body, answer.Takes));
        await answer.Give(http);
    }

    private static SlackAnswerScript Judge(HttpRequest request, string body)
    {
        if (request.Path != Path)
            return SlackAnswerScript.Error(404, "no_service");
        if (!HttpMethods.IsPost(request.Method) || request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) is not true)
            return SlackAnswerScript.Error(400, "invalid_payload");
        return SlackRules.Objection(body) is { } objection ? SlackAnswerScript.Error(400, objection) : SlackAnswerScript.Ok;
    }

    private void Remember(SlackPost post)
    {
        lock (_gate)
        {
            _posts.Add(post);
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

/// <summary>A post that the fake received.</summary>
/// <param name="At">When.</param>
/// <param name="Body">The body as it came.</param>
/// <param name="Taken">Whether it would stand in the channel.</param>
internal sealed record SlackPost(DateTimeOffset At, string Body, bool Taken)
{
    /// <summary>All texts of the message, one a line, as people read them: entities are undone, markup is still there.</summary>
    public string Text
    {
        get
        {
            using var json = JsonDocument.Parse(Body);
            return string.Join('\n', Texts(json.RootElement)).Replace("&lt;", "<").Replace("&gt;", ">").Replace("&amp;", "&");
        }
    }

    private static IEnumerable<string> Texts(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(member => member is { Name: "text", Value.ValueKind: JsonValueKind.String } ? [member.Value.GetString()!] : Texts(member.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
            _ => [],
        };
}

/// <summary>How the fake answers one post.</summary>
/// <param name="Takes">Whether the post stands in the channel all the same.</param>
/// <param name="Give">Answers, or does not.</param>
internal sealed record SlackAnswerScript(bool Takes, Func<HttpContext, Task> Give)
{
    /// <summary>Taken.</summary>
    public static SlackAnswerScript Ok { get; } = new(true, http => http.Response.WriteAsync("ok"));

    /// <summary>Never answers.</summary>
    public static SlackAnswerScript Hang { get; } = new(false, http => Task.Delay(Timeout.Infinite, http.RequestAborted));

    /// <summary>Closes the connection without an answer.</summary>
    public static SlackAnswerScript Close { get; } = new(false, Abort);

    /// <summary>Takes the post, then closes the connection without an answer: the sender cannot know.</summary>
    public static SlackAnswerScript TakeAndClose { get; } = new(true, Abort);

    /// <summary>An HTTP error with Slack's word for it.</summary>
    public static SlackAnswerScript Error(int status, string body = "", params (string Name, string Value)[] headers) =>
        new(
            false,
            http =>
            {
                http.Response.StatusCode = status;
                foreach (var (name, value) in headers)
                    http.Response.Headers[name] = value;
                return http.Response.WriteAsync(body);
            }
        );

    /// <summary>429 with a <c>Retry-After</c>.</summary>
    public static SlackAnswerScript RateLimited(string retryAfter) => Error(429, "rate_limited", ("Retry-After", retryAfter));

    private static Task Abort(HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }
}
