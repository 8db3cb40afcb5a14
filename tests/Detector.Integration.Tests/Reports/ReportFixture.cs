using Detector.App;
using Detector.App.Commands;
using PuppeteerSharp;

namespace Detector.Integration.Tests.Reports;

/// <summary>A Chromium, and reports that the program's own replay wrote.</summary>
public sealed class ReportFixture : IAsyncLifetime
{
    private IBrowser? _browser;
    private readonly string _folder = Directory.CreateTempSubdirectory("report-").FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The browser, started by the first who needs it.</summary>
    public async Task<IBrowser> BrowserAsync() => _browser ??= await Chromium.StartAsync(Requires.Chromium());

    /// <summary>Replays records by rules, and returns the page that tells of it.</summary>
    internal async Task<string> ReportAsync(IEnumerable<string> records, params IReadOnlyList<string> rules)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("n"))).FullName;
        var (trail, page) = (Path.Combine(folder, "trail.json"), Path.Combine(folder, "report.html"));
        await File.WriteAllTextAsync(trail, $$"""{"Records":[{{string.Join(",\n", records)}}]}""", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, "rules"));
        foreach (var (number, rule) in rules.Index())
            await File.WriteAllTextAsync(Path.Combine(folder, "rules", $"{number}.yml"), rule, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(
            output,
            error,
            new Dictionary<string, string>(StringComparer.Ordinal),
            TimeProvider.System,
            TestContext.Current.CancellationToken
        );

        var code = await CommandLine.InvokeAsync(["replay", trail, "--rules", Path.Combine(folder, "rules"), "--report", page, "--output", "jsonl"], terminal);

        Assert.True(code == 0, error.ToString());
        return page;
    }

    /// <summary>Opens a page, in a window of that width.</summary>
    public async Task<IPage> OpenAsync(string page, int width = 1280, bool dark = false, bool script = true)
    {
        var tab = await (await BrowserAsync()).NewPageAsync();
        await tab.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900 });
        await tab.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = dark ? "dark" : "light" }]);
        await tab.SetJavaScriptEnabledAsync(script);
        await tab.GoToAsync(new Uri(page).AbsoluteUri, WaitUntilNavigation.Load);
        return tab;
    }
}
