using Detector.App.Practices;
using Detector.Core.Delivery;
using Detector.Core.Integrity;
using Detector.Core.Rules;
using static Detector.App.Reports.HtmlTable;

namespace Detector.App.Reports;

/// <summary>
/// An investigation as one HTML page that needs nothing from elsewhere, under a policy that allows nothing else. What comes from the trail is text, whatever its
/// callers put into it. All but the list of alerts is there without script; of the alerts it then tells how many there are by rule.
/// </summary>
internal static class ReportPage
{
    private const int MostNames = 12;

    /// <summary>How every report begins.</summary>
    public static ReadOnlySpan<byte> Beginning => "<!DOCTYPE html>\n<html lang=\"en\">"u8;

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, Report report)
    {
        var rules = FoundRule.Of(report.Alerts);
        Head(output);
        output.WriteLine("<body>\n<a class=\"skip\" href=\"#alerts\">Skip to the alerts</a>\n<header>\n<h1>Investigation</h1>");
        output.WriteLine($"<p class=\"soft\">What CloudTrail shows. Made {Html.Time(report.Made)} by Detector. All times are UTC.</p>\n</header>\n<main>");
        Summary(output, report, rules);
        Timeline(output);
        Rules(output, rules);
        Alerts(output, report.Alerts);
        ReportActivity.Write(output, report.Survey.Activity!);
        Integrity(output, report.Integrity);
        Archive(output, report);
        output.WriteLine("</main>");
        using var data = new ReportData(output, rules, report.Records);
        data.WriteAlerts(report.Alerts);
        foreach (var script in Scripts)
            output.WriteLine($"<script>{script}</script>");
        data.WriteRecords();
        output.WriteLine("</body>\n</html>");
    }

    private static string[] Scripts { get; } =
    [Html.Resource("uPlot.js"), string.Concat(new[] { "data", "filter", "list", "timeline", "paper" }.Select(part => Html.Resource($"report.{part}.js")))];

    private static string Style { get; } = Html.Resource("uPlot.css") + Html.Resource("report.css");

    private static void Head(TextWriter output)
    {
        output.WriteLine(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {Html.Source(Style)}; script-src {string.Join(
                ' ',
                Scripts.Select(Html.Source)
            )}; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>Investigation: what CloudTrail shows</title>
            """
        );
        // The licence travels with what it is for.
        output.WriteLine($"<!-- uPlot:\n{Html.Resource("uPlot.LICENSE").Trim()}\n-->");
        output.WriteLine($"<style>{Style}</style>\n</head>");
    }

    private static void Summary(TextWriter output, Report report, IReadOnlyList<FoundRule> rules)
    {
        var (stats, survey) = (report.Stats, report.Survey);
        output.WriteLine("<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n<ul class=\"counts\" aria-label=\"Alerts by severity\">");
        foreach (var level in Enum.GetValues<Level>().Reverse())
            output.WriteLine(
                $"<li class=\"{level.Word()}\"><b>{Words.Of(rules.Where(rule => rule.Rule.Level == level).Sum(rule => rule.Count))}</b> {level.Word()}</li>"
            );
        output.WriteLine("</ul>\n<dl>");
        Term(output, "Alerts", $"{Words.Of(stats.Alerts)} of {Words.Count(rules.Count, "rule")}");
        Row(output, "Time", $"{Html.Time(survey.First)} to {Html.Time(survey.Last)}");
        Term(output, "Records", $"{Words.Of(survey.Total.All)} judged, in {Words.Count(stats.Files, "file")}");
        Term(output, "Accounts", Names(survey.Accounts.Where(account => account.Length > 0).Order(StringComparer.Ordinal)));
        Term(
            output,
            "Regions",
            Names(survey.Regions.Where(region => region.Key.Length > 0).OrderByDescending(region => region.Value).Select(region => region.Key))
        );
        Term(output, "Integrity", IntegrityWords(report.Integrity));
        if (report.Losses > 0 || report.Stopped is not null)
            Row(
                output,
                "Not read",
                $"<strong>{Html.Text(string.Join("; ", new[] { report.Losses > 0 ? $"{Words.Count(report.Losses, "loss")}, each named on standard error" : null, report.Stopped }.OfType<string>()))}</strong>"
            );
        output.WriteLine("</dl>\n</section>");
    }

    private static void Timeline(TextWriter output) =>
        output.WriteLine(
            """
            <section aria-labelledby="timeline" id="time" hidden>
            <h2 id="timeline">Timeline</h2>
            <div id="plot" role="group" tabindex="0" aria-label="Alerts over time, by severity" aria-describedby="brush"></div>
            <p class="soft screen" id="brush">Drag over the picture to choose a time, double-click for all; by keyboard the arrows choose, with Shift they widen, Escape lets go.</p>
            </section>
            """
        );

    private static void Rules(TextWriter output, IReadOnlyList<FoundRule> rules)
    {
        output.WriteLine("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">What was found</h2>");
        Table(
            output,
            ["Rule", "Severity", "#Alerts", "First", "Last", "#Principals"],
            rules.Take(MostRows),
            rule =>
                [
                    $"{Html.Text(rule.Rule.Title)} <span class=\"soft\">{Html.Text(rule.Rule.Name)}</span>",
                    Word(rule.Rule.Level),
                    Words.Of(rule.Count),
                    Html.Time(rule.First),
                    Html.Time(rule.Last),
                    Words.Of(rule.Principals),
                ]
        );
        More(output, rules.Count, MostRows);
        output.WriteLine("</section>");
    }

    /// <summary>The list is the script's; without it the first alerts stand there.</summary>
    private static void Alerts(TextWriter output, IEnumerable<Alert> alerts)
    {
        output.WriteLine(
            """
            <section aria-labelledby="alerts">
            <h2 id="alerts" tabindex="-1">Alerts</h2>
            <form id="filter" role="search" aria-label="Filter of the alerts" hidden></form>
            <p class="soft"><span id="count" role="status"></span><span id="printed" class="print"></span></p>
            <div id="list"></div>
            <nav id="pages" aria-label="Pages of alerts" hidden></nav>
            <noscript>
            <p>Without JavaScript only the first alerts are shown, and no records. The table above counts all.</p>
            """
        );
        Table(
            output,
            ["Time", "Severity", "Rule", "Who", "What"],
            alerts.Take(MostRows),
            alert =>
                [
                    Html.Time(alert.Time),
                    Word(alert.Rule.Level),
                    Html.Text(alert.Rule.Title),
                    Html.Text(ReportActivity.ShortName(alert.Facts.Behind?.Actor ?? alert.Facts.Actor ?? "")),
                    Html.Text(string.Join(", ", alert.Facts.Targets.Prepend(alert.Facts.EventName ?? ""))),
                ]
        );
        output.WriteLine("</noscript>\n</section>");
    }

    private static string Word(Level level) => $"<span class=\"level {level.Word()}\">{level.Word()}</span>";

    private static void Integrity(TextWriter output, TrailIntegrity? integrity)
    {
        output.WriteLine($"<section aria-labelledby=\"integrity\">\n<h2 id=\"integrity\">Integrity</h2>\n<p>{Html.Text(IntegrityWords(integrity))}</p>");
        if (integrity is not null)
        {
            output.WriteLine("<dl>");
            Term(output, "Digests", $"{Words.Of(integrity.ProvenDigests)} of {Words.Of(integrity.Digests)} proven");
            Term(output, "Log files", $"{Words.Of(integrity.ProvenLogs)} of {Words.Of(integrity.Logs)} proven");
            foreach (var (fault, count) in integrity.Counts.OrderBy(count => count.Key))
                Term(output, fault.Name(), Words.Of(count));
            output.WriteLine("</dl>");
            if (integrity.Findings.Count > 0)
                Table(
                    output,
                    ["Kind", "What", "Why"],
                    integrity.Findings.Take(MostRows),
                    one => [$"<span class=\"kind\">{Html.Text(one.Fault.Name())}</span>", $"<code>{Html.Text(one.Subject)}</code>", Html.Text(one.Reason)]
                );
            More(output, integrity.Findings.Count, MostRows);
        }
        output.WriteLine("</section>");
    }

    private static void Archive(TextWriter output, Report report)
    {
        output.WriteLine(
            "<section aria-labelledby=\"lacks\">\n<h2 id=\"lacks\">What the archive did not contain</h2>\n<p>Silence about these says nothing.</p>\n<ul>"
        );
        foreach (var gap in ArchiveGaps.Of(report.Survey))
            output.WriteLine($"<li>{Html.Text(gap)}</li>");
        output.WriteLine("</ul>\n</section>");
    }

    private static string IntegrityWords(TrailIntegrity? integrity) =>
        integrity?.Verdict switch
        {
            null => "Not checked: whether files were removed or changed since CloudTrail wrote them is not known.",
            TrailVerdict.Intact => "Intact: every file is what CloudTrail signed, and none lacks.",
            TrailVerdict.Incomplete => "No sign of tampering, but not all of it could be proven.",
            TrailVerdict.Broken => "Broken: there are signs of tampering.",
            _ => "Unknown: there is no digest, no signature or no public key to check by.",
        };

    private static string Names(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count == 0 ? "none named" : string.Join(", ", all.Take(MostNames)) + (all.Count > MostNames ? $" and {all.Count - MostNames} more" : "");
    }
}
