using System.Globalization;
using Detector.App;
using Detector.Core.Rules;
using Detector.Testing;
using PuppeteerSharp;

namespace Detector.Benchmarks;

/// <summary>How long a report of at least so many alerts takes to open in Chromium, as docs/performance.md shows it.</summary>
internal static class ReportOpening
{
    private const int Rounds = 11;

    // A rule of each severity, that eight of the made-up archive's 250 addresses meet: one record of 6.25 gives an alert, the rest is noise for "who did what".
    private const int RecordsPerAlert = 7;

    /// <summary>Writes the archive, replays it to a report, and opens that several times: milliseconds from the start of the navigation.</summary>
    /// <exception cref="InvalidOperationException">The replay failed, or there are fewer alerts.</exception>
    public static async Task PrintAsync(TextWriter output, int alerts)
    {
        var folder = Directory.CreateTempSubdirectory("detector-report-").FullName;
        try
        {
            var page = await ReportAsync(folder, alerts);
            var opened = new List<Opened>();
            await using var browser = await Chromium.StartAsync(
                Programs.Find("chromium") ?? throw new InvalidOperationException("chromium is not installed (Debian: chromium)")
            );
            for (var round = 0; round <= Rounds; round++)
                opened.Add(await OpenAsync(browser, page));
            // The first warms the system's cache of files and the browser.
            opened.RemoveAt(0);
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{new FileInfo(page).Length / 1e6:N1} MB, opened {Rounds} times, milliseconds from the start of the navigation:"
                )
            );
            output.WriteLine("|  | median | worst |\n|---|---|---|");
            Row(output, "the summary is painted", opened.Select(one => one.Painted));
            Row(output, "list, filter and picture are painted and answer", opened.Select(one => one.Usable));
            Row(output, "the last record is there", opened.Select(one => one.Loaded));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Row(TextWriter output, string what, IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {sorted[sorted.Count / 2]:N0} | {sorted[^1]:N0} |"));
    }

    private static async Task<string> ReportAsync(string folder, int alerts)
    {
        var (archive, rules, page) = (Path.Combine(folder, "archive"), Path.Combine(folder, "rules"), Path.Combine(folder, "report.html"));
        TrailArchive.Write(archive, alerts * RecordsPerAlert);
        Directory.CreateDirectory(rules);
        foreach (var level in Enum.GetValues<Level>())
            await File.WriteAllTextAsync(Path.Combine(rules, $"{level.Word()}.yml"), Rule(level));
        using var found = new StringWriter();
        var terminal = new Terminal(found, Console.Error, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System, default);
        var code = await Detector.App.Commands.CommandLine.InvokeAsync(["replay", archive, "--rules", rules, "--report", page, "--output", "jsonl"], terminal);
        var count = found.ToString().AsSpan().Count('\n');
        return code == 0 && count >= alerts ? page : throw new InvalidOperationException($"the replay ended with {code} and {count} alerts");
    }

    private static string Rule(Level level) =>
        $$"""
            title: A call came from network {{(int)level}}
            name: from-network-{{(int)level}}
            description: Nobody of ours is there.
            level: {{level.Word()}}
            logsource: {product: aws, service: cloudtrail}
            detection: {there: {sourceIPAddress|cidr: 198.51.100.{{8 * (int)level}}/29}, condition: there}
            """;

    private static async Task<Opened> OpenAsync(IBrowser browser, string page)
    {
        await using var tab = await browser.NewPageAsync();
        await tab.SetViewportAsync(new ViewPortOptions { Width = 1280, Height = 900 });
        // The frame after the one in which the script has said that it is done has painted what it made.
        await tab.EvaluateExpressionOnNewDocumentAsync(
            """
            new PerformanceObserver((entries, observer) => {
              if (entries.getEntriesByName("usable").length) requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("painted")));
            }).observe({ type: "mark" });
            """
        );
        await tab.GoToAsync(new Uri(page).AbsoluteUri, WaitUntilNavigation.Load);
        await tab.WaitForExpressionAsync("performance.getEntriesByName('painted').length > 0");
        return await tab.EvaluateExpressionAsync<Opened>(
            """
            ({
              painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
              usable: performance.getEntriesByName("painted")[0].startTime,
              loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
            })
            """
        );
    }

    private sealed record Opened(double Painted, double Usable, double Loaded);
}
