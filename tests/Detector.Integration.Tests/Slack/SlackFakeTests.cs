using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Detector.Adapters.Slack;

namespace Detector.Integration.Tests.Slack;

/// <summary>The fake refuses what Slack refuses: otherwise tests against it would prove nothing.</summary>
public class SlackFakeTests
{
    [Theory]
    [InlineData("not json", "invalid_payload")]
    [InlineData("[]", "invalid_payload")]
    [InlineData("{}", "no_text")]
    [InlineData("""{"blocks":[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]}""", "invalid_blocks")]
    [InlineData("""{"blocks":[{"type":"section"}]}""", "invalid_blocks")]
    [InlineData("""{"blocks":[{"type":"section","text":{"type":"plain_text","text":""}}]}""", "invalid_blocks")]
    [InlineData("""{"blocks":[{"type":"section","text":{"type":"plain_text","text":"x","verbatim":true}}]}""", "invalid_blocks")]
    [InlineData("""{"blocks":[{"type":"context","elements":[]}]}""", "invalid_blocks")]
    [InlineData("""{"blocks":[{"type":"unheard_of"}]}""", "invalid_blocks")]
    [InlineData("""{"blocks":[7]}""", "invalid_blocks")]
    public async Task Post_WhatSlackRefuses_IsRefusedWithSlacksWord(string body, string expected)
    {
        await using var slack = await SlackFake.StartAsync();

        var (status, word) = await PostAsync(slack.Url, body);

        Assert.Equal((HttpStatusCode.BadRequest, expected), (status, word));
        Assert.Empty(slack.Channel);
    }

    [Fact]
    public async Task Post_OverALimit_IsRefused()
    {
        await using var slack = await SlackFake.StartAsync();
        var payload = JsonNode.Parse(SlackMessage.Render(SlackSample.AdminGrant, SlackSample.Told).ToJson())!;
        payload["blocks"]![0]!["text"]!["text"] = new string('x', 151);

        var (_, word) = await PostAsync(slack.Url, payload.ToJsonString());

        Assert.Equal("invalid_blocks", word);
    }

    [Fact]
    public async Task Post_HostileAndHugeAlert_IsTaken()
    {
        await using var slack = await SlackFake.StartAsync();
        var facts = SlackSample.AdminGrant.Alert.Facts;
        var hostile = string.Concat(Enumerable.Repeat("<!channel> `*&*` ", 10_000));
        var dispatch = SlackSample.AdminGrant with
        {
            Alert = SlackSample.AdminGrant.Alert with
            {
                Rule = SlackSample.AdminGrant.Alert.Rule with { Title = hostile, FirstStep = hostile, Description = hostile },
                Facts = facts with { Actor = hostile, UserAgent = hostile, Targets = [.. Enumerable.Repeat(hostile, 100)] },
            },
        };

        var (_, word) = await PostAsync(slack.Url, Encoding.UTF8.GetString(SlackMessage.Render(dispatch, SlackSample.Told).ToJson()));

        Assert.Equal("ok", word);
    }

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(Uri url, string body)
    {
        using var client = new HttpClient();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(url, content, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
