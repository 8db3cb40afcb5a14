using Detector.App;
using Detector.App.Commands;
using Microsoft.Extensions.Time.Testing;
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
        var folder = NewFolder();
        var (trail, page) = (Path.Combine(folder, "trail.json"), Path.Combine(folder, "report.html"));
        await File.WriteAllTextAsync(trail, $$"""{"Records":[{{string.Join(",\n", records)}}]}""", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, "rules"));
        foreach (var (number, rule) in rules.Index())
            await File.WriteAllTextAsync(Path.Combine(folder, "rules", $"{number}.yml"), rule, TestContext.Current.CancellationToken);

        Assert.Equal(0, await RunAsync(["replay", trail, "--rules", Path.Combine(folder, "rules"), "--report", page, "--output", "jsonl"]));
        return page;
    }

    /// <summary>A folder that is gone when the tests are over.</summary>
    internal string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("n"))).FullName;

    /// <summary>Runs the program; returns its exit code.</summary>
    /// <param name="arguments">The command and its options.</param>
    /// <param name="now">What the clock says; null for the time that it is.</param>
    internal static async Task<int> RunAsync(string[] arguments, DateTimeOffset? now = null)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var time = now is { } at ? new FakeTimeProvider(at) : TimeProvider.System;
        var terminal = new Terminal(output, error, new Dictionary<string, string>(StringComparer.Ordinal), time, TestContext.Current.CancellationToken);

        var code = await CommandLine.InvokeAsync(arguments, terminal);

        TestContext.Current.TestOutputHelper?.WriteLine(error.ToString());
        return code;
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
