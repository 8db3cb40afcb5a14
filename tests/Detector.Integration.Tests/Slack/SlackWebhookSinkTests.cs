using System.Collections.Concurrent;
using System.Diagnostics;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Integration.Tests.Slack;

public class SlackWebhookSinkTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_SlackTakesIt_IsDeliveredOnce()
    {
        await using var slack = await SlackFake.StartAsync();
        using var sink = new SlackWebhookSink(slack.Url, new FakeTimeProvider(SlackSample.Told));

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkAnswer.Delivered, answer);
        var text = Assert.Single(slack.Channel).Text;
        Assert.Contains("Administrator rights granted", text, StringComparison.Ordinal);
        Assert.Contains("told 41 s later", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("86400", 86_400)]
    [InlineData("Thu, 05 Mar 2026 12:05:22 GMT", 90)]
    public async Task Send_RateLimited_HandsTheWaitOn(string retryAfter, int seconds)
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Answer(SlackAnswerScript.RateLimited(retryAfter));
        using var sink = new SlackWebhookSink(slack.Url, new FakeTimeProvider(SlackSample.Told));

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkAnswer.Retry("Slack answered 429 rate_limited", TimeSpan.FromSeconds(seconds)), answer);
        Assert.Single(slack.Posts);
    }

    [Theory]
    [InlineData(500, "rollup_error", SinkOutcome.Retry)]
    [InlineData(503, "", SinkOutcome.Retry)]
    [InlineData(404, "no_service", SinkOutcome.Retry)]
    [InlineData(410, "channel_is_archived", SinkOutcome.Retry)]
    [InlineData(400, "", SinkOutcome.Retry)]
    [InlineData(403, "action_prohibited", SinkOutcome.Retry)]
    public async Task Send_SlackRefuses_AnswersByStatusAndWord(int status, string word, SinkOutcome expected)
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Answer(SlackAnswerScript.Error(status, word));
        using var sink = new SlackWebhookSink(slack.Url, TimeProvider.System);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(expected, answer.Outcome);
        Assert.StartsWith($"Slack answered {status} {word}".TrimEnd(), answer.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, SinkOutcome.Delivered)]
    [InlineData(2, SinkOutcome.Refused)]
    public async Task Send_FormRefused_SendsTheTextAlone(int refusals, SinkOutcome expected)
    {
        await using var slack = await SlackFake.StartAsync();
        for (var refused = 0; refused < refusals; refused++)
            slack.Answer(SlackAnswerScript.Error(400, "invalid_blocks"));
        using var sink = new SlackWebhookSink(slack.Url, new FakeTimeProvider(SlackSample.Told));

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(expected, answer.Outcome);
        Assert.Equal(2, slack.Posts.Count);
    }

    [Theory]
    [InlineData("application/json", "{\"ok\":false}")]
    [InlineData("text/html", "<html>")]
    [InlineData("text/plain", "")]
    public async Task Send_AnotherAnswersInSlacksPlace_IsNoDelivery(string type, string body)
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Answer(
            new SlackAnswerScript(
                false,
                http =>
                {
                    http.Response.ContentType = type;
                    return http.Response.WriteAsync(body);
                }
            )
        );
        using var sink = new SlackWebhookSink(slack.Url, TimeProvider.System);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
        Assert.Contains("without its ok", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_WrongUrl_WaitsForTheOperator()
    {
        await using var slack = await SlackFake.StartAsync();
        using var sink = new SlackWebhookSink(new Uri(slack.Url, "/services/T1/B1/other"), TimeProvider.System);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkAnswer.UntilMended("Slack answered 404 no_service: check the webhook and its channel", TimeSpan.FromMinutes(10)), answer);
    }

    [Fact]
    public async Task Send_NoAnswer_EndsByItselfAfterTenSeconds()
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Answer(SlackAnswerScript.Hang);
        var clock = new FakeTimeProvider(SlackSample.Told);
        using var sink = new SlackWebhookSink(slack.Url, clock);

        var sending = sink.SendAsync(SlackSample.AdminGrant, Cancellation).AsTask();
        await slack.WaitAsync(posts => posts.Count == 1, Cancellation);
        clock.Advance(TimeSpan.FromSeconds(9.9));
        var early = sending.IsCompleted;
        clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(SinkAnswer.Retry("Slack did not answer within 10 s"), await sending.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        Assert.False(early);
    }

    [Fact]
    public async Task Send_ErrorThatNeverEnds_IsJudgedByItsStatus()
    {
        await using var slack = await SlackFake.StartAsync();
        var begun = new TaskCompletionSource();
        slack.Answer(
            new SlackAnswerScript(
                false,
                async http =>
                {
                    http.Response.StatusCode = 503;
                    await http.Response.Body.FlushAsync();
                    begun.SetResult();
                    await Task.Delay(Timeout.Infinite, http.RequestAborted);
                }
            )
        );
        var clock = new FakeTimeProvider(SlackSample.Told);
        using var sink = new SlackWebhookSink(slack.Url, clock);

        var sending = sink.SendAsync(SlackSample.AdminGrant, Cancellation).AsTask();
        await begun.Task.WaitAsync(Cancellation);
        clock.Advance(SlackHttp.AnswerWithin);

        // Whether the headers or the time limit came first is the network's to say; neither may hang or deliver.
        Assert.Equal(SinkOutcome.Retry, (await sending.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Outcome);
    }

    [Fact]
    public async Task Send_ConnectionCloses_IsForLater()
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Answer(SlackAnswerScript.Close);
        using var sink = new SlackWebhookSink(slack.Url, TimeProvider.System);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
        Assert.StartsWith("Slack cannot be reached", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NobodyListens_IsForLater()
    {
        using var sink = new SlackWebhookSink(new Uri($"http://127.0.0.1:{Ports.Free()}/services/{SlackFake.Secret}"), TimeProvider.System);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkAnswer.Retry("Slack cannot be reached: ConnectionError"), answer);
    }

    [Fact]
    public async Task Send_SlackIsBack_IsDelivered()
    {
        var port = Ports.Free();
        using var sink = new SlackWebhookSink(new Uri($"http://127.0.0.1:{port}"), TimeProvider.System);
        await using (await SlackFake.StartAsync(port))
            await sink.SendAsync(SlackSample.AdminGrant, Cancellation);
        await using var slack = await SlackFake.StartAsync(port);
        slack.Answer(SlackAnswerScript.Ok);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkAnswer.Delivered, answer);
    }

    [Fact]
    public async Task Send_Redirected_DoesNotFollow()
    {
        await using var slack = await SlackFake.StartAsync();
        await using var elsewhere = await SlackFake.StartAsync();
        slack.Answer(SlackAnswerScript.Error(307, "", ("Location", elsewhere.Url.AbsoluteUri)));
        using var sink = new SlackWebhookSink(slack.Url, TimeProvider.System);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
        Assert.Empty(elsewhere.Posts);
    }

    [Theory]
    [InlineData("\u001b[31m<!channel> try https://evil.example")]
    [InlineData("no route to /services/T00000000/B00000000/" + SlackFake.Secret)]
    [InlineData("a word\nand a line")]
    public async Task Send_ErrorIsNotSlacksWord_IsNotRepeated(string body)
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Answer(SlackAnswerScript.Error(502, body), SlackAnswerScript.Error(502, new string('x', 10_000_000)));
        using var sink = new SlackWebhookSink(slack.Url, TimeProvider.System);

        var answer = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);
        var huge = await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.Equal(SinkAnswer.Retry("Slack answered 502"), answer);
        Assert.Equal(answer, huge);
    }

    [Fact]
    public async Task Send_SomebodyTraces_TheUrlIsInNoSpan()
    {
        await using var slack = await SlackFake.StartAsync();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("System.Net.Http", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var sink = new SlackWebhookSink(slack.Url, TimeProvider.System);

        await sink.SendAsync(SlackSample.AdminGrant, Cancellation);

        Assert.DoesNotContain(spans, span => span.TagObjects.Any(tag => $"{tag.Value}".Contains(SlackFake.Secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Send_Stopping_Throws()
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Answer(SlackAnswerScript.Hang);
        using var sink = new SlackWebhookSink(slack.Url, TimeProvider.System);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var sending = sink.SendAsync(SlackSample.AdminGrant, stopping.Token).AsTask();
        await slack.WaitAsync(posts => posts.Count == 1, Cancellation);
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Theory]
    [InlineData("https://hooks.slack.com/services/T/B/x", true)]
    [InlineData("http://127.0.0.1:8080/x", true)]
    [InlineData("http://hooks.slack.com/services/T/B/x", false)]
    [InlineData("ftp://hooks.slack.com/x", false)]
    [InlineData("services/T/B/x", false)]
    public void Objection_Url_OnlySecretTransport(string url, bool accepted)
    {
        var objection = SlackWebhookSink.Objection(new Uri(url, UriKind.RelativeOrAbsolute));

        Assert.Equal(accepted, objection is null);
        Assert.DoesNotContain("/T/B/x", objection ?? "", StringComparison.Ordinal);
    }
}
