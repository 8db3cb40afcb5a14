using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.Tests.App.Commands;
using Detector.Tests.Hostile;
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

    [Theory]
    [InlineData("nowhere/report.html")]
    [InlineData("")]
    public async Task Report_ThatCannotBeWritten_IsToldBeforeTheWork(string file)
    {
        using var shell = new Shell();
        var trail = shell.Write("trail.json", """{"Records":[]}""");

        var code = await shell.RunAsync("replay", trail, "--report", Path.Combine(shell.Folder, file));

        Assert.Equal(2, code);
        Assert.Contains("--report:", shell.Error, StringComparison.Ordinal);
        Assert.Empty(shell.Out);
    }

    [GeneratedRegex("</?(script|style|title|img|table|dd|dt|details|summary|b|code|td|th)\\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Tags();
}
