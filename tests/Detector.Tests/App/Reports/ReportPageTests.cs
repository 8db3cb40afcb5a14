using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.Tests.Adapters.Slack;
using Detector.Tests.App.Commands;
using FsCheck.Xunit;

namespace Detector.Tests.App.Reports;

/// <summary>The page of an investigation, and what a caller's texts can do to it.</summary>
public sealed partial class ReportPageTests
{
    private const string Rule = "title: t\nname: t\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: DeleteTrail}, condition: s}\n";

    [Property(Arbitrary = [typeof(HostileText)], MaxTest = 20)]
    internal async Task Page_HostileTexts_StayText(HostileText hostile)
    {
        var page = await PageAsync($"harmless{hostile.Value}"); // what is empty has no row

        // As many elements as of a harmless text: none is opened or closed by what a caller chose.
        Assert.Equal(Tags().Count(await PageAsync("harmless")), Tags().Count(page));
    }

    [Fact]
    public async Task Page_InChromium_RunsNoScriptOfTheTrail()
    {
        var chromium = Requires.Chromium();
        using var shell = new Shell();
        var page = shell.Write(
            "page.html",
            await PageAsync("</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><!--\u2028</title>")
        );
        var start = new ProcessStartInfo(
            chromium,
            [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                $"--user-data-dir={Path.Combine(shell.Folder, "profile")}",
                "--dump-dom",
                $"file://{page}#alert-{AlertId().Match(await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken)).Groups["id"].Value}",
            ]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var dom = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains("<title>Investigation", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("<title>owned", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", dom, StringComparison.Ordinal);
        // The script of the page itself ran: the linked alert is unfolded, with its record.
        Assert.Contains("1 of 1 alerts", dom, StringComparison.Ordinal);
        Assert.Contains("\"eventName\": \"DeleteTrail\"", dom, StringComparison.Ordinal);
        Assert.Contains("canvas", dom, StringComparison.Ordinal);
    }

    private static async Task<string> PageAsync(string hostile)
    {
        using var shell = new Shell();
        var text = JsonSerializer.Serialize(hostile);
        var trail = shell.Write(
            "trail.json",
            $$"""
            {"Records":[{"eventID":"e1","eventTime":"2026-03-01T00:00:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"DeleteTrail","awsRegion":{{text}},
            "sourceIPAddress":{{text}},"userAgent":{{text}},"recipientAccountId":"111122223333","requestParameters":{"name":{{text}} },
            "userIdentity":{"type":"IAMUser","arn":{{text}},"accessKeyId":{{text}} } } ] }
            """
        );
        shell.Write("rules/t.yml", Rule);
        var report = Path.Combine(shell.Folder, "report.html");

        var code = await shell.RunAsync("replay", trail, "--rules", Path.Combine(shell.Folder, "rules"), "--report", report, "--output", "jsonl");

        Assert.True(code == 0, shell.Error);
        Assert.Single(shell.OutLines);
        return await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Report_ThatCannotBeWritten_IsToldBeforeTheWork()
    {
        using var shell = new Shell();
        var trail = shell.Write("trail.json", """{"Records":[]}""");

        var code = await shell.RunAsync("replay", trail, "--report", Path.Combine(shell.Folder, "nowhere", "report.html"));

        Assert.Equal(2, code);
        Assert.Contains("--report:", shell.Error, StringComparison.Ordinal);
    }

    [GeneratedRegex("</?(script|style|title|img|table|dd|dt|details|summary|b|code|td|th)\\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Tags();

    [GeneratedRegex("^\\[\"(?<id>[0-9a-f]{32})\"", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AlertId();
}
