using System.Net;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;

namespace Detector.Tests.Adapters.Slack;

public class SlackAnswerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(200, "ok", SinkOutcome.Delivered)]
    [InlineData(200, "", SinkOutcome.Retry)]
    [InlineData(200, "accepted", SinkOutcome.Retry)]
    [InlineData(204, "", SinkOutcome.Retry)]
    [InlineData(400, "", SinkOutcome.Retry)]
    [InlineData(400, "ok", SinkOutcome.Retry)]
    [InlineData(400, "invalid_payload", SinkOutcome.Refused)]
    [InlineData(400, "invalid_blocks", SinkOutcome.Refused)]
    [InlineData(413, "", SinkOutcome.Refused)]
    [InlineData(403, "action_prohibited", SinkOutcome.Retry)]
    [InlineData(400, "user_not_found", SinkOutcome.Retry)]
    [InlineData(403, "invalid_token", SinkOutcome.Retry)]
    [InlineData(403, "", SinkOutcome.Retry)]
    [InlineData(404, "no_service", SinkOutcome.Retry)]
    [InlineData(404, "channel_not_found", SinkOutcome.Retry)]
    [InlineData(410, "channel_is_archived", SinkOutcome.Retry)]
    [InlineData(301, "", SinkOutcome.Retry)]
    [InlineData(408, "", SinkOutcome.Retry)]
    [InlineData(429, "", SinkOutcome.Retry)]
    [InlineData(500, "rollup_error", SinkOutcome.Retry)]
    [InlineData(503, "", SinkOutcome.Retry)]
    public void Of_Status_DecidesTheFate(int status, string code, SinkOutcome expected)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);

        Assert.Equal(expected, SlackAnswer.Of(response, code, Now).Outcome);
    }

    [Theory]
    [InlineData(404, "no_service")]
    [InlineData(410, "channel_is_archived")]
    [InlineData(302, "")]
    public void Of_WhatAnOperatorCanMend_WaitsLongAndSaysWhatToCheck(int status, string code)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);

        var answer = SlackAnswer.Of(response, code, Now);

        Assert.Equal(TimeSpan.FromMinutes(10), answer.After);
        Assert.True(answer.MayBeOfOne);
        Assert.StartsWith($"Slack answered {status} {code}".TrimEnd(), answer.Reason, StringComparison.Ordinal);
        Assert.Contains("check the webhook", answer.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("0", 0)]
    [InlineData(" 7 ", 7)]
    [InlineData("86400", 86_400)]
    [InlineData("Thu, 05 Mar 2026 12:01:30 GMT", 90)]
    [InlineData("Thu, 05 Mar 2026 11:00:00 GMT", 0)]
    [InlineData("Fri, 06 Mar 2026 12:00:00 GMT", 86_400)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    public void Of_RateLimited_HandsTheWaitOn(string retryAfter, int? expectedSeconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);

        var answer = SlackAnswer.Of(response, "rate_limited", Now);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
        Assert.Equal(expectedSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, answer.After);
    }

    [Fact]
    public void Of_RateLimitedForMoreSecondsThanThereAre_IsTheLongestWait()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.TryAddWithoutValidation("Retry-After", "99999999999999999999999");

        Assert.Equal(TimeSpan.MaxValue, SlackAnswer.Of(response, "rate_limited", Now).After);
    }
}
