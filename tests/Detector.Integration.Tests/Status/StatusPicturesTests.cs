using Detector.App.Status;
using Detector.Integration.Tests.Reports;
using PuppeteerSharp;

namespace Detector.Integration.Tests.Status;

/// <summary>The pictures of docs/observing.md. With DETECTOR_WRITE_DOCS=1 they are taken anew.</summary>
public sealed class StatusPicturesTests(ReportFixture browser) : IClassFixture<ReportFixture>
{
    [Theory]
    [InlineData("light", 1000, 1790)]
    [InlineData("dark", 1000, 1790)]
    [InlineData("phone", 390, 2100)]
    public async Task Picture_OfTheStatusPage_IsWhatChromiumPaints(string name, int width, int height)
    {
        var page = Path.Combine(browser.NewFolder(), "status.html");
        await File.WriteAllTextAsync(page, StatusPage.Of(StatusSample.Report), TestContext.Current.CancellationToken);
        await using var tab = await browser.OpenAsync(page, width, dark: name is "dark");
        await tab.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });

        var taken = await tab.ScreenshotDataAsync();

        Assert.True(await tab.EvaluateExpressionAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "nothing is beyond the page's width");
        Assert.Contains("2 wait for slack: HTTP 503", await tab.EvaluateExpressionAsync<string>("document.body.innerText"), StringComparison.Ordinal);
        await Pictures.HoldAsync($"status-{name}.png", taken);
    }
}
