using System.Diagnostics;
using System.Globalization;
using System.Text;
using Detector.Adapters.Aws;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;

namespace Detector.Integration.Tests.Slack;

public class SlackPreviewTests
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Draws the pictures of the documentation into a folder below the temporary one, or into the one that <c>SLACK_PREVIEW</c> names.</summary>
    [Theory]
    [InlineData("slack-alert", false, 740)]
    [InlineData("slack-alert-dark", true, 740)]
    [InlineData("slack-thread", false, 1660)]
    [InlineData("slack-thread-dark", true, 1660)]
    [InlineData("slack-digest", false, 390)]
    [InlineData("slack-digest-dark", true, 390)]
    public async Task Picture_Sample_IsDrawnFromTheSinksOwnJson(string name, bool dark, int height)
    {
        var browser = Array.Find(Browsers, File.Exists);
        if (browser is null)
            Assert.Skip("no Chromium on this machine");
        var folder = Environment.GetEnvironmentVariable("SLACK_PREVIEW") ?? Path.Combine(Path.GetTempPath(), "detector-slack-preview");
        Directory.CreateDirectory(folder);
        var (page, picture) = (PageOf(name), Path.Combine(folder, $"{name}.png"));
        (string Time, byte[] Json)[] messages =
            name.StartsWith("slack-thread", StringComparison.Ordinal) ? await ThreadAsync()
            : name.StartsWith("slack-digest", StringComparison.Ordinal) ? [("12:07", SlackDigest.Render(SlackSample.Storm).ToJson())]
            : [("12:03", Alone())];
        await File.WriteAllTextAsync(page, SlackPreview.Html(dark, messages[0], messages[1..]), Encoding.UTF8, TestContext.Current.CancellationToken);

        await DrawAsync(browser, page, picture, height);

        var png = await File.ReadAllBytesAsync(picture, TestContext.Current.CancellationToken);
        Assert.True(png.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']));
        Assert.InRange(png.Length, 5_000, 700_000);
    }

    /// <summary>The words that people get by SNS, drawn from the sink's own JSON.</summary>
    [Fact]
    public async Task Picture_SnsMailAndTextMessage_AreDrawnFromTheSinksOwnJson()
    {
        var browser = Array.Find(Browsers, File.Exists);
        if (browser is null)
            Assert.Skip("no Chromium on this machine");
        var message = SnsMessage.Of("arn:aws:sns:us-east-1:111122223333:alerts", SlackSample.AdminGrant, SlackSample.Told, SlackSample.Context);
        using var bodies = System.Text.Json.JsonDocument.Parse(message.Bodies);
        string Body(string protocol) => System.Net.WebUtility.HtmlEncode(bodies.RootElement.GetProperty(protocol).GetString()!);
        var folder = Environment.GetEnvironmentVariable("SLACK_PREVIEW") ?? Path.Combine(Path.GetTempPath(), "detector-slack-preview");
        Directory.CreateDirectory(folder);
        var (page, picture) = (PageOf("sns-mail-sms"), Path.Combine(folder, "sns-mail-sms.png"));
        var html = $$"""
            <!doctype html><meta charset="utf-8"><style>
            body { font: 14px/1.45 sans-serif; margin: 20px; background: #eef0f2; color: #1d1c1d }
            article { background: #fff; border-radius: 8px; padding: 14px 18px; margin-bottom: 16px }
            b { display: block; padding-bottom: 8px; border-bottom: 1px solid #ddd; margin-bottom: 8px }
            pre { font: 12px/1.45 monospace; white-space: pre-wrap; margin: 0; overflow-wrap: anywhere }
            p { background: #dcf8d6; border-radius: 14px; padding: 10px 14px; width: 300px; margin: 0 }
            </style><article><b>{{System.Net.WebUtility.HtmlEncode(message.Subject)}}</b><pre>{{Body("email")}}</pre></article><p>{{Body("sms")}}</p>
            """;
        await File.WriteAllTextAsync(page, html, Encoding.UTF8, TestContext.Current.CancellationToken);

        await DrawAsync(browser, page, picture, 900);

        Assert.InRange(new FileInfo(picture).Length, 5_000, 700_000);
    }

    /// <summary>Never beside the picture: that may be the documentation's folder.</summary>
    private static string PageOf(string name) => Path.Combine(Path.GetTempPath(), $"detector-{name}.html");

    private static byte[] Alone() => SlackMessage.Render(SlackSample.AdminGrant, SlackSample.Told, SlackSample.Context).ToJson();

    /// <summary>What stands in a workspace when the bot has told of three alerts of an incident.</summary>
    private static async Task<(string Time, byte[] Json)[]> ThreadAsync()
    {
        var slack = new SlackWorkspace();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(SlackSample.Told);
        await using var ledger = new InMemoryLedger(clock);
        var options = new SlackBotOptions("slack", SlackWorkspace.Token, "#security", TimeSpan.FromHours(1), new Uri("https://slack.example/api/"));
        using var sink = new SlackBotSink(options, ledger, clock, new Enrichment([new Known(SlackSample.Context)], clock), slack.Handler());
        var posted = new List<string>();
        foreach (var dispatch in SlackSample.Incident)
        {
            clock.SetUtcNow(Later(clock.GetUtcNow(), dispatch.Alert.Time!.Value.AddSeconds(38)));
            posted.Add(clock.GetUtcNow().ToString("HH:mm", CultureInfo.InvariantCulture));
            await sink.SendAsync(dispatch, TestContext.Current.CancellationToken);
        }
        return [.. posted.Zip(slack.Messages, (time, message) => (time, Encoding.UTF8.GetBytes(message.Body)))];
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private sealed class Known(AlertContext context) : IEnricher
    {
        private bool _told;

        public string Finds => "";

        public ValueTask<AlertContext> AddAsync(AlertContext before, Alert alert, CancellationToken cancellation)
        {
            // Only the first alert is the first.
            var now = _told ? context with { FirstSeen = [], Calls = [] } : context;
            _told = true;
            return ValueTask.FromResult(now);
        }
    }

    private static async Task DrawAsync(string browser, string page, string picture, int height)
    {
        var profile = Directory.CreateTempSubdirectory("detector-chromium");
        string[] flags =
        [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-device-scale-factor=1.6",
            $"--window-size=760,{height}",
            $"--user-data-dir={profile.FullName}",
            $"--screenshot={picture}",
            new Uri(page).AbsoluteUri,
        ];
        var start = new ProcessStartInfo(browser, flags)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{await output}{await errors}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            Forget(profile);
        }
    }

    private static void Forget(DirectoryInfo profile)
    {
        try
        {
            profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser is still ending, and writing; the system's cleaning of its temporary folder takes the rest.
        }
    }
}
