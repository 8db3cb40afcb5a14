using System.Formats.Tar;
using System.IO.Compression;
using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace Detector.Integration.Tests.Reports;

/// <summary>The pictures of docs/investigating.md, made from the evidence that it gives. With DETECTOR_WRITE_DOCS=1 they are taken anew.</summary>
public sealed class ReportPicturesTests(ReportFixture reports) : IClassFixture<ReportFixture>
{
    [Theory]
    [InlineData("light", 1000, 1350)]
    [InlineData("dark", 1000, 1350)]
    [InlineData("print", 760, 1080)]
    public async Task Picture_OfTheReport_IsWhatChromiumPaints(string name, int width, int height)
    {
        await using var tab = await reports.OpenAsync(await SampleAsync(), width, dark: name is "dark");
        await tab.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });
        if (name is "print")
        {
            await tab.EvaluateExpressionAsync("dispatchEvent(new Event('beforeprint'))");
            await tab.EmulateMediaTypeAsync(MediaType.Print);
            // Paper's own margin.
            await tab.EvaluateExpressionAsync("document.body.style.setProperty('padding', '40px', 'important')");
        }

        var taken = await tab.ScreenshotDataAsync();

        await Pictures.HoldAsync($"report-{name}.png", taken);
        var text = await tab.EvaluateExpressionAsync<string>("document.querySelector('main').innerText");
        Assert.Contains("11 of 7 rules", text, StringComparison.Ordinal);
        Assert.Contains("Broken: there are signs of tampering.", text, StringComparison.Ordinal);
    }

    /// <summary>The report of the sample, as of the day after it ends.</summary>
    private async Task<string> SampleAsync()
    {
        var folder = reports.NewFolder();
        await using (var packed = File.OpenRead(Repository.PathOf("samples", "heron-freight.tar.gz")))
        await using (var tar = new GZipStream(packed, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(tar, folder, overwriteFiles: false, TestContext.Current.CancellationToken);
        var page = Path.Combine(folder, "report.html");
        string[] replay = ["replay", Path.Combine(folder, "AWSLogs"), "--report", page, "--validate", "--public-keys", Path.Combine(folder, "keys.json")];
        var code = await ReportFixture.RunAsync([.. replay, "--output", "jsonl"], new DateTimeOffset(2026, 11, 6, 9, 0, 0, TimeSpan.Zero));
        Assert.Equal(3, code);
        return page;
    }
}
