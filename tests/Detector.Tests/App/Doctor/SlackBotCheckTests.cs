using System.Net;
using Detector.App.Doctor;
using Detector.App.Options;

namespace Detector.Tests.App.Doctor;

public sealed class SlackBotCheckTests : IDisposable
{
    private const string Token = "xoxb-a-token-that-only-the-header-holds";
    private const string Member = """{"ok":true,"channel":{"id":"C0SECURITY","is_member":true,"is_archived":false}}""";

    private readonly Web _web = new();

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task Look_AllIsWell_SaysWhichChannelsTheBotIsIn()
    {
        var findings = await LookAsync("C0SECURITY", "C0PAYMENTS");

        Assert.Equal(
            ["ok the bot's token is in force, and may post", "ok the bot is in C0SECURITY", "ok the bot is in C0PAYMENTS"],
            findings.Select(finding => $"{finding.State.ToString().ToLowerInvariant()} {finding.What}")
        );
        Assert.Equal(["auth.test", "conversations.info?channel=C0SECURITY", "conversations.info?channel=C0PAYMENTS"], _web.Asked);
    }

    [Theory]
    [InlineData("invalid_auth", "Slack does not take the bot's token: invalid_auth", "install the app anew")]
    [InlineData("account_inactive", "Slack does not take the bot's token: account_inactive", "install the app anew")]
    public async Task Look_TokenIsNotTaken_IsAProblemAndNothingElseIsAsked(string error, string what, string mend)
    {
        _web.Token = $$"""{"ok":false,"error":"{{error}}"}""";

        var finding = Assert.Single(await LookAsync("C0SECURITY"));

        Assert.Equal(("Problem", what), ($"{finding.State}", finding.What));
        Assert.StartsWith(mend, finding.Mend, StringComparison.Ordinal);
        Assert.Equal(["auth.test"], _web.Asked);
    }

    [Theory]
    [InlineData("incoming-webhook,commands", "the bot may not post: its scopes are incoming-webhook, commands")]
    [InlineData("channels:read", "the bot may not post: its scopes are channels:read")]
    public async Task Look_TokenWithoutTheScopeToPost_IsAProblem(string scopes, string what)
    {
        _web.Scopes = scopes;

        var finding = (await LookAsync("C0SECURITY"))[0];

        Assert.Equal(("Problem", what), ($"{finding.State}", finding.What));
        Assert.Contains("chat:write", finding.Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ok":false,"error":"channel_not_found"}""", "Problem", "there is no channel C0SECURITY")]
    [InlineData("""{"ok":true,"channel":{"is_member":false}}""", "Problem", "the bot is not in C0SECURITY")]
    [InlineData("""{"ok":true,"channel":{"is_member":true,"is_archived":true}}""", "Problem", "C0SECURITY is archived")]
    [InlineData("""{"ok":false,"error":"fatal_error"}""", "Unknown", "C0SECURITY could not be looked at: fatal_error")]
    [InlineData("""{"ok":true}""", "Problem", "the bot is not in C0SECURITY")]
    [InlineData("<html>a proxy</html>", "Warning", "slack.test answers what is not Slack's JSON")]
    [InlineData("[]", "Warning", "slack.test answers what is not Slack's JSON")]
    public async Task Look_ChannelThatTakesNothing_IsToldWithItsMend(string channel, string state, string what)
    {
        _web.Channel = channel;

        var finding = (await LookAsync("C0SECURITY"))[1];

        Assert.Equal(state, $"{finding.State}");
        Assert.StartsWith(what, finding.What, StringComparison.Ordinal);
        Assert.NotNull(finding.Mend);
    }

    [Fact]
    public async Task Look_ScopeToLookAtChannelsIsMissing_IsToldOnceByItsName()
    {
        _web.Channel = """{"ok":false,"error":"missing_scope","needed":"channels:read"}""";

        var findings = await LookAsync("C0SECURITY", "C0PAYMENTS");

        Assert.Equal([FindingState.Ok, FindingState.Unknown], findings.Select(finding => finding.State));
        Assert.Contains("channels:read", findings[1].What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("false", "Ok")]
    [InlineData("true", "Problem")]
    public async Task Look_BotMayPostToAnyPublicChannel_NeedNotBeInIt(string isPrivate, string state)
    {
        _web.Scopes = "chat:write,chat:write.public,channels:read,groups:read";
        _web.Channel = $$$"""{"ok":true,"channel":{"is_member":false,"is_private":{{{isPrivate}}}}}""";

        Assert.Equal(state, $"{(await LookAsync("C0SECURITY"))[1].State}");
    }

    [Fact]
    public async Task Look_ChannelByName_SaysThatOnlyAnIdCanBeLookedUp()
    {
        var findings = await LookAsync("#security");

        Assert.Equal((FindingState.Unknown, "#security is a name, which Slack does not look up"), (findings[1].State, findings[1].What));
    }

    [Theory]
    [InlineData(0, "Problem", "slack.test cannot be reached")]
    [InlineData(429, "Warning", "Slack is asked too often")]
    [InlineData(502, "Warning", "slack.test answers what is not Slack's JSON")]
    public async Task Look_SlackHasTrouble_IsToldWithItsMend(int status, string state, string what)
    {
        _web.Status = (HttpStatusCode)status;

        var finding = Assert.Single(await LookAsync("C0SECURITY"));

        Assert.Equal((state, what), ($"{finding.State}", finding.What));
        Assert.NotNull(finding.Mend);
    }

    private async Task<IReadOnlyList<Finding>> LookAsync(params string[] channels)
    {
        using var http = new HttpClient(_web, disposeHandler: false);
        var bot = new SlackBot(new Secret(Token), new Uri("https://slack.test/api/"), TimeSpan.FromHours(1));
        var findings = await new SlackBotCheck(bot, channels, http).LookAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(findings, finding => $"{finding}".Contains(Token, StringComparison.Ordinal));
        return findings;
    }

    /// <summary>Slack, as far as the bot is asked for.</summary>
    private sealed class Web : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public string Token { get; set; } = """{"ok":true,"user_id":"U0DETECTOR"}""";

        public string Scopes { get; set; } = "chat:write,channels:read";

        public string Channel { get; set; } = Member;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal($"Bearer {SlackBotCheckTests.Token}", $"{request.Headers.Authorization}");
            var method = request.RequestUri!.PathAndQuery["/api/".Length..];
            Asked.Add(method);
            if (Status == default)
                throw new HttpRequestException(HttpRequestError.ConnectionError);
            var text =
                Status != HttpStatusCode.OK ? ""
                : method == "auth.test" ? Token
                : Channel;
            var answer = new HttpResponseMessage(Status) { Content = new StringContent(text) };
            answer.Headers.Add("x-oauth-scopes", Scopes);
            return Task.FromResult(answer);
        }
    }
}
