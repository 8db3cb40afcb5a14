using System.Text.Json;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Slack;

public sealed class SlackBotSinkTests : IAsyncDisposable
{
    private readonly SlackWorkspace _slack = new();
    private readonly FakeTimeProvider _clock = new(SlackAlerts.Told);
    private readonly InMemoryLedger _ledger;

    public SlackBotSinkTests() => _ledger = new InMemoryLedger(_clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    [Fact]
    public async Task Send_FirstAlert_StandsInTheChannel()
    {
        var answer = await SendAsync(AlertAt(0));

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        var message = Assert.Single(_slack.Messages);
        Assert.Equal(("C0SECURITY", null), (message.Channel, message.Thread));
        using var json = JsonDocument.Parse(message.Body);
        Assert.Equal(AlertAt(0).Id.Value, json.RootElement.GetProperty("metadata").GetProperty("event_payload").GetProperty("alert_id").GetString());
    }

    [Fact]
    public async Task Send_FurtherAlertsOfTheIncident_GoIntoItsThreadAndTheFirstMessageCounts()
    {
        await SendAsync(AlertAt(0));
        await SendAsync(AlertAt(30));
        await SendAsync(AlertAt(80), suppressed: 37);

        Assert.Equal([null, _slack.Messages[0].Ts, _slack.Messages[0].Ts], _slack.Messages.Select(message => message.Thread));
        Assert.Contains("*3 alerts* of 40 events so far, the newest 2026-03-05 13:23:11 UTC", Text(_slack.Messages[0]), StringComparison.Ordinal);
        Assert.StartsWith("(3 alerts) ", Text(_slack.Messages[0]), StringComparison.Ordinal);
        Assert.Contains("*Alert 3*", Text(_slack.Messages[2]), StringComparison.Ordinal);
        // The count stands in the place of the one before it.
        Assert.DoesNotContain("*2 alerts*", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another actor")]
    [InlineData("another account")]
    [InlineData("another rule")]
    [InlineData("another group")]
    [InlineData("much later")]
    [InlineData("much earlier")]
    public async Task Send_AlertOfAnotherIncident_HasAMessageOfItsOwn(string what)
    {
        var other = AlertAt(1);
        other = what switch
        {
            "another actor" => other with { Facts = other.Facts with { Actor = "arn:aws:iam::111122223333:user/bob" } },
            "another account" => other with { Facts = other.Facts with { Account = "444455556666" } },
            "another rule" => other with { Rule = other.Rule with { Id = "other" } },
            "another group" => other with { Group = "other" },
            "much later" => AlertAt(61),
            _ => AlertAt(-61),
        };
        await SendAsync(AlertAt(0));

        await SendAsync(other);

        Assert.Equal([null, null], _slack.Messages.Select(message => message.Thread));
    }

    [Fact]
    public async Task Send_OlderAlertWithAMessageOfItsOwn_LeavesTheIncidentAsItIs()
    {
        await SendAsync(AlertAt(0));
        await SendAsync(AlertAt(-90));

        await SendAsync(AlertAt(1));

        Assert.Equal(_slack.Messages[0].Ts, _slack.Messages[2].Thread);
    }

    [Fact]
    public async Task Send_IncidentThatGoesOnForADay_BeginsANewMessage()
    {
        for (var hour = 0; hour <= 25; hour++)
            await SendAsync(AlertAt(hour * 60));

        Assert.Equal(2, _slack.Messages.Count(message => message.Thread is null));
    }

    [Fact]
    public async Task Send_AfterARestart_GoesOnInTheThread()
    {
        await SendAsync(AlertAt(0));

        // Each send is made by a sink of its own: nothing but the ledger is left.
        await SendAsync(AlertAt(1));

        Assert.Equal(_slack.Messages[0].Ts, _slack.Messages[1].Thread);
    }

    [Fact]
    public async Task Send_ConfigurationNamesAnotherChannel_BeginsTheIncidentAnewThere()
    {
        await SendAsync(AlertAt(0));

        await SendAsync(AlertAt(1), channel: "#payments");
        await SendAsync(AlertAt(2), channel: "#payments");
        await SendAsync(AlertAt(3));

        Assert.Equal(
            [("C0SECURITY", null), ("C0PAYMENTS", null), ("C0PAYMENTS", _slack.Messages[1].Ts), ("C0SECURITY", _slack.Messages[0].Ts)],
            _slack.Messages.Select(message => (message.Channel, message.Thread))
        );
    }

    [Fact]
    public async Task Send_NotedAndNotSettledBeforeACrash_IsNotPostedAgain()
    {
        await SendAsync(AlertAt(0));
        await SendAsync(AlertAt(1));

        var answer = await SendAsync(AlertAt(1));

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        Assert.Equal(2, _slack.Messages.Count);
        Assert.Contains("*2 alerts* of 2 events", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_AnswerLostWhilePosting_RepeatsThatPostAndCountsItOnce()
    {
        await SendAsync(AlertAt(0));
        _slack.Trouble(SlackTroubles.None, SlackTroubles.AnswerLost);

        Assert.Equal(SinkOutcome.Retry, (await SendAsync(AlertAt(1))).Outcome);
        Assert.Equal(SinkOutcome.Delivered, (await SendAsync(AlertAt(1))).Outcome);

        Assert.Equal(3, _slack.Messages.Count);
        Assert.Contains("*2 alerts* of 2 events", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_FirstMessageDeletedBySomebody_BeginsTheIncidentAnew()
    {
        await SendAsync(AlertAt(0));
        _slack.Delete(_slack.Messages[0].Ts);

        var answer = await SendAsync(AlertAt(1));
        await SendAsync(AlertAt(2));

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        Assert.Equal([null, _slack.Messages[0].Ts], _slack.Messages.Select(message => message.Thread));
        Assert.Contains("*2 alerts*", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ThreadLocked_BeginsTheIncidentAnew()
    {
        await SendAsync(AlertAt(0));
        _slack.Trouble(SlackTroubles.None, SlackTroubles.Error("restricted_action_thread_locked"));

        Assert.Equal(SinkOutcome.Delivered, (await SendAsync(AlertAt(1))).Outcome);

        Assert.Equal([null, null], _slack.Messages.Select(message => message.Thread));
    }

    [Fact]
    public async Task Send_BlocksNotTaken_TellsTheTextAlone()
    {
        _slack.Trouble(SlackTroubles.Error("msg_blocks_too_long"));

        Assert.Equal(SinkOutcome.Delivered, (await SendAsync(AlertAt(0))).Outcome);

        Assert.Contains("AttachUserPolicy", Text(Assert.Single(_slack.Messages)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_TwoInstancesAtOnce_MakeOneThread()
    {
        // The other instance begins the incident while this one's message is on its way.
        _slack.Trouble(SlackTroubles.None);
        using var slow = Sink(new Interrupting(_slack, () => SendAsync(AlertAt(0))));

        var answer = await slow.SendAsync(AlertAt(1).To("slack"), Cancel);

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        Assert.Equal(2, _slack.Messages.Count);
        Assert.Single(_slack.Messages, message => message.Thread is null);
        Assert.Contains(_slack.Messages, message => message.Thread is null && Text(message).Contains("*2 alerts* of 2 events", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ratelimited", SinkOutcome.Retry, null)]
    [InlineData("internal_error", SinkOutcome.Retry, null)]
    [InlineData("channel_not_found", SinkOutcome.Retry, "check the channel")]
    [InlineData("not_in_channel", SinkOutcome.Retry, "invite the bot")]
    [InlineData("is_archived", SinkOutcome.Retry, "archived")]
    [InlineData("invalid_auth", SinkOutcome.Retry, "check the bot's token")]
    [InlineData("token_revoked", SinkOutcome.Retry, "check the bot's token")]
    [InlineData("missing_scope", SinkOutcome.Retry, "chat:write")]
    [InlineData("something_new", SinkOutcome.Retry, "check the bot's token and its channel")]
    public async Task Send_Error_SaysWhatToDo(string error, SinkOutcome outcome, string? check)
    {
        _slack.Trouble(SlackTroubles.Error(error));

        var answer = await SendAsync(AlertAt(0));

        Assert.Equal(outcome, answer.Outcome);
        Assert.StartsWith($"Slack answered {error} to chat.postMessage", answer.Reason, StringComparison.Ordinal);
        Assert.Contains(check ?? "", answer.Reason, StringComparison.Ordinal);
        Assert.Equal(check is null ? null : TimeSpan.FromMinutes(10), answer.After);
        Assert.DoesNotContain("xoxb", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ContentRefusedTwice_IsRefusedForGood()
    {
        _slack.Trouble(SlackTroubles.Error("invalid_blocks"), SlackTroubles.Error("msg_too_long"));

        Assert.Equal(SinkOutcome.Refused, (await SendAsync(AlertAt(0))).Outcome);
    }

    [Fact]
    public async Task Send_RateLimited_WaitsAsLongAsAsked()
    {
        _slack.Trouble(SlackTroubles.RateLimited(30));

        var answer = await SendAsync(AlertAt(0));

        Assert.Equal((SinkOutcome.Retry, TimeSpan.FromSeconds(30)), (answer.Outcome, answer.After));
        Assert.Empty(_slack.Messages);
    }

    [Fact]
    public async Task Send_ProxyAnswersInSlacksPlace_IsNoDelivery()
    {
        _slack.Trouble(new SlackTroubles(new SlackAnswered(200, "<html>")), new SlackTroubles(new SlackAnswered(200, "[]")), SlackTroubles.Status(302));

        Assert.Equal(SinkOutcome.Retry, (await SendAsync(AlertAt(0))).Outcome);
        Assert.Equal(SinkOutcome.Retry, (await SendAsync(AlertAt(0))).Outcome);
        Assert.Equal(SinkOutcome.Retry, (await SendAsync(AlertAt(0))).Outcome);
    }

    [Fact]
    public async Task Send_WrongToken_NamesItNowhere()
    {
        using var sink = new SlackBotSink(Options with { Token = "xoxb-secret-and-wrong" }, _ledger, _clock, Enrichment.None, _slack.Handler());

        var answer = await sink.SendAsync(AlertAt(0).To("slack"), Cancel);

        Assert.Contains("invalid_auth", answer.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("xoxb", answer.Reason + Options + string.Concat(_slack.Calls.Select(call => call.Body)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ToldBefore_TellsItAgainInTheThreadAndCountsItOnce()
    {
        await SendAsync(AlertAt(0));
        await SendAsync(AlertAt(1));

        using var sink = Sink(_slack.Handler());
        await sink.SendAsync(AlertAt(0).To("slack") with { Resent = 1 }, Cancel);
        await sink.SendAsync(AlertAt(0).To("slack") with { Resent = 1, Attempt = 2 }, Cancel);
        await sink.SendAsync(AlertAt(0).To("slack") with { Resent = 2 }, Cancel);

        Assert.Equal(4, _slack.Messages.Count);
        Assert.All(_slack.Messages.Skip(2), again => Assert.Equal(_slack.Messages[0].Ts, again.Thread));
        Assert.All(_slack.Messages.Skip(2), again => Assert.Contains("*Told again*", Text(again), StringComparison.Ordinal));
        Assert.Contains("*2 alerts* of 2 events", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendDigest_Storm_StandsInTheChannelAndNamesEveryRuleAndActor()
    {
        var answer = await SendDigestAsync("d", AlertAt(0), By("bob", AlertAt(1)), By("bob", AlertAt(2)), Other(AlertAt(3)));

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        var message = Assert.Single(_slack.Messages);
        Assert.Null(message.Thread);
        Assert.All(
            (string[])
                [
                    "🔴 4 alerts together",
                    "🔴 *3 ×* Administrator rights granted",
                    "*2* `user/bob`",
                    "*1* `user/alice`",
                    "🟡 *1 ×* Other\n`user/alice`",
                    "12:03:11 UTC to",
                ],
            words => Assert.Contains(words, Text(message), StringComparison.Ordinal)
        );
        using var json = JsonDocument.Parse(message.Body);
        var metadata = json.RootElement.GetProperty("metadata");
        Assert.Equal("detector_digest", metadata.GetProperty("event_type").GetString());
        Assert.Equal(AlertId.Of("d").Value, metadata.GetProperty("event_payload").GetProperty("digest_id").GetString());
    }

    [Fact]
    public async Task SendDigest_AlertsOfAnOpenIncident_AreCountedThereAndItsThreadGoesOn()
    {
        await SendAsync(AlertAt(0));

        await SendDigestAsync("d", AlertAt(1), AlertAt(2), Other(AlertAt(3)), AlertAt(500));
        await SendAsync(AlertAt(4));

        Assert.Equal([null, null, _slack.Messages[0].Ts], _slack.Messages.Select(message => message.Thread));
        Assert.Contains("*4 alerts* of 4 events so far, the newest 2026-03-05 12:07:11 UTC", Text(_slack.Messages[0]), StringComparison.Ordinal);
        Assert.Contains("for 2 of them the digests in this channel", Text(_slack.Messages[0]), StringComparison.Ordinal);
        Assert.Contains("*Alert 4*", Text(_slack.Messages[2]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendDigest_AlertsOfAnOpenIncident_ShowsTheCountAtOnce()
    {
        await SendAsync(AlertAt(0));

        await SendDigestAsync("d", AlertAt(1), AlertAt(2));

        Assert.Contains("*3 alerts* of 3 events", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendDigest_NotedAndNotSettledBeforeACrash_IsNotPostedAgainNorCountedTwice()
    {
        await SendAsync(AlertAt(0));
        await SendDigestAsync("d", AlertAt(1), AlertAt(2));

        Assert.Equal(SinkOutcome.Delivered, (await SendDigestAsync("d", AlertAt(1), AlertAt(2))).Outcome);

        Assert.Equal(2, _slack.Messages.Count);
        Assert.Contains("*3 alerts* of 3 events", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendDigest_SlackIsAway_IsTriedAgain()
    {
        _slack.Trouble(SlackTroubles.Error("internal_error"));

        Assert.Equal(SinkOutcome.Retry, (await SendDigestAsync("d", AlertAt(1), AlertAt(2))).Outcome);
        Assert.Equal(SinkOutcome.Delivered, (await SendDigestAsync("d", AlertAt(1), AlertAt(2))).Outcome);

        Assert.Single(_slack.Messages);
    }

    [Fact]
    public async Task SendDigest_AnotherInstanceCountsMeanwhile_CountsBoth()
    {
        await SendAsync(AlertAt(0));
        using var slow = Sink(new Interrupting(_slack, () => SendAsync(AlertAt(1))));

        await slow.SendDigestAsync(DigestOf("d", AlertAt(2), AlertAt(3)), Cancel);

        Assert.Contains("*4 alerts* of 4 events", Text(_slack.Messages[0]), StringComparison.Ordinal);
    }

    private static Alert By(string user, Alert alert) => alert with { Facts = alert.Facts with { Actor = $"arn:aws:iam::111122223333:user/{user}" } };

    private static Alert Other(Alert alert) =>
        alert with
        {
            Rule = alert.Rule with { Id = "other", Title = "Other", Level = Detector.Core.Rules.Level.Medium },
        };

    private static Digest DigestOf(string name, params Alert[] alerts) =>
        new(AlertId.Of(name), "slack", 1, [.. alerts.Select(alert => alert.To("slack") with { Digest = AlertId.Of(name) })]);

    private async Task<SinkAnswer> SendDigestAsync(string name, params Alert[] alerts)
    {
        using var sink = Sink(_slack.Handler());
        return await sink.SendDigestAsync(DigestOf(name, alerts), Cancel);
    }

    private static SlackBotOptions Options { get; } =
        new("slack", SlackWorkspace.Token, "#security", TimeSpan.FromHours(1), new Uri("https://slack.example/api/"));

    private static Alert AlertAt(int minutes) =>
        SlackAlerts.AdminGrant with
        {
            Id = AlertId.Of("at", $"{minutes}"),
            Events = [new AlertEvent($"e-{minutes}", SlackAlerts.Happened.AddMinutes(minutes), "AttachUserPolicy", "f", 0)],
        };

    private SlackBotSink Sink(HttpMessageHandler handler, string? channel = null) =>
        new(Options with { Channel = channel ?? Options.Channel }, _ledger, _clock, Enrichment.None, handler);

    private async Task<SinkAnswer> SendAsync(Alert alert, long suppressed = 0, string? channel = null)
    {
        using var sink = Sink(_slack.Handler(), channel);
        return await sink.SendAsync(alert.To("slack", suppressed), Cancel);
    }

    /// <summary>All texts of a message.</summary>
    private static string Text(SlackStanding message)
    {
        using var json = JsonDocument.Parse(message.Body);
        return string.Join('\n', Texts(json.RootElement));
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

    /// <summary>Lets something happen after Slack has taken the first call and before its answer is read.</summary>
    private sealed class Interrupting(SlackWorkspace slack, Func<Task> meanwhile) : DelegatingHandler(slack.Handler())
    {
        private bool _done;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (!_done)
            {
                _done = true;
                await meanwhile();
            }
            return answer;
        }
    }
}
