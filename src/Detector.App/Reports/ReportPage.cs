using System.Globalization;
using Detector.App.Practices;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Integrity;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.App.Reports;

/// <summary>
/// An investigation as one HTML page that needs nothing from elsewhere, under a policy that allows nothing else. What comes from the trail is text, whatever its
/// callers put into it. All but the list of alerts is there without script; of the alerts it then tells how many there are by rule.
/// </summary>
internal static class ReportPage
{
    // A row of a table is for a person; the page names how many more there are.
    private const int MostRows = 200;
    private const int MostServices = 18;
    private const int MostInMap = 30;
    private const int MostNames = 6;

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, Report report)
    {
        var rules = report.Alerts.GroupBy(alert => alert.Rule.Id, StringComparer.Ordinal).Select(RuleRow.Of).ToList();
        Head(output);
        output.WriteLine("<body>\n<a class=\"skip\" href=\"#alerts\">Skip to the alerts</a>\n<header>\n<h1>Investigation</h1>");
        output.WriteLine($"<p class=\"soft\">What CloudTrail shows. Made {Html.Time(report.Made)} by Detector. All times are UTC.</p>\n</header>\n<main>");
        Summary(output, report, rules);
        Timeline(output);
        Rules(output, rules);
        output.WriteLine(
            "<section aria-labelledby=\"alerts\">\n<h2 id=\"alerts\" tabindex=\"-1\">Alerts</h2>\n<form id=\"filter\" role=\"search\" hidden></form>\n"
                + "<p id=\"count\" class=\"soft\" aria-live=\"polite\">The table above counts them; the list needs JavaScript.</p>\n<div id=\"list\"></div>\n"
                + "<nav id=\"pages\" aria-label=\"Pages of alerts\" hidden></nav>\n</section>"
        );
        Principals(output, report.Survey.Activity!);
        Sessions(output, report.Survey.Activity!);
        Map(output, report.Survey.Activity!);
        Integrity(output, report.Integrity);
        Archive(output, report);
        output.WriteLine("</main>");
        ReportData.Write(output, report.Alerts);
        foreach (var script in Scripts)
            output.WriteLine($"<script>{script}</script>");
        output.WriteLine("</body>\n</html>");
    }

    private static string[] Scripts { get; } = [Html.Resource("uPlot.js"), Html.Resource("report.js")];

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

    private static void Summary(TextWriter output, Report report, List<RuleRow> rules)
    {
        var (stats, survey) = (report.Stats, report.Survey);
        output.WriteLine("<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n<ul class=\"counts\" aria-label=\"Alerts by severity\">");
        foreach (var level in Enum.GetValues<Level>().Reverse())
            output.WriteLine(
                $"<li class=\"{level.Word()}\"><b>{Number(rules.Where(rule => rule.Level == level).Sum(rule => rule.Count))}</b> {level.Word()}</li>"
            );
        output.WriteLine("</ul>\n<dl>");
        Term(output, "Alerts", $"{Number(stats.Alerts)} of {Words.Count(rules.Count, "rule")}");
        Row(output, "Time", $"{Html.Time(survey.First)} to {Html.Time(survey.Last)}");
        Term(output, "Records", $"{Number(survey.Total.All)} judged, in {Words.Count(stats.Files, "file")}");
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
            "<section aria-labelledby=\"timeline\" id=\"time\" hidden>\n<h2 id=\"timeline\">Timeline</h2>\n<div id=\"plot\" role=\"img\" aria-label=\"Alerts over time, by severity\"></div>\n"
                + "<p class=\"soft screen\">Drag over the picture to choose a time, double-click for all; or type it below.</p>\n</section>"
        );

    private static void Rules(TextWriter output, List<RuleRow> rules)
    {
        output.WriteLine("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">What was found</h2>");
        Table(
            output,
            ["Rule", "Severity", "#Alerts", "First", "Last", "#Principals"],
            rules.OrderByDescending(rule => rule.Level).ThenByDescending(rule => rule.Count).Take(MostRows),
            rule =>
                [
                    $"{Html.Text(rule.Title)} <span class=\"soft\">{Html.Text(rule.Name)}</span>",
                    $"<span class=\"level {rule.Level.Word()}\">{rule.Level.Word()}</span>",
                    Number(rule.Count),
                    Html.Time(rule.First),
                    Html.Time(rule.Last),
                    Number(rule.Principals),
                ]
        );
        More(output, rules.Count, MostRows);
        output.WriteLine("</section>");
    }

    private static void Principals(TextWriter output, TrailActivity activity)
    {
        var all = activity.Principals.OrderByDescending(one => one.Denied > 0).ThenByDescending(one => one.Calls).ToList();
        output.WriteLine("<section aria-labelledby=\"who\">\n<h2 id=\"who\">Who did what</h2>");
        foreach (var one in all.Where(one => one.Type is not "AWSService").Concat(all.Where(one => one.Type is "AWSService")).Take(MostRows))
        {
            output.WriteLine(
                $"<details><summary><b class=\"name\">{Html.Text(one.Name)}</b> <span class=\"soft\">{Html.Text(one.Type)}, {Number(one.Calls)} calls, "
                    + $"{Share(one.Denied, one.Calls)} denied</span></summary>\n<dl>"
            );
            Row(output, "Seen", $"{Html.Time(one.First)} to {Html.Time(one.Last)}");
            Counts(output, "Addresses", one.Addresses);
            Counts(output, "Agents", one.Agents);
            Counts(output, "Regions", one.Regions);
            Counts(output, "Keys used", one.Keys);
            Counts(output, "Roles assumed", one.Roles);
            Counts(output, "Services", one.Services);
            output.WriteLine("</dl></details>");
        }
        More(output, all.Count, MostRows);
        output.WriteLine("</section>");
    }

    private static void Sessions(TextWriter output, TrailActivity activity)
    {
        var chains = activity.Chains();
        output.WriteLine("<section aria-labelledby=\"sessions\">\n<h2 id=\"sessions\">Sessions, and who stands behind them</h2>");
        if (chains.Count == 0)
            output.WriteLine("<p class=\"soft\">Of no session more is known than its own records tell.</p>");
        else
            Table(
                output,
                ["Behind it", "By way of", "Key", "Given", "#Calls", "Last used"],
                chains.OrderByDescending(one => one.Chain.Sessions.Count).ThenByDescending(one => one.Session.Calls).Take(MostRows),
                one =>
                    [
                        $"{Html.Text(one.Chain.Actor)} <span class=\"soft\">{one.Chain.Kind.Words()}</span>",
                        string.Join(" → ", one.Chain.Sessions.Select(session => Html.Text(ShortName(session.Name)))),
                        $"<code>{Html.Text(one.Session.AccessKeyId)}</code>",
                        Html.Time(one.Chain.Sessions.Count > 0 ? one.Chain.Sessions[^1].Begun : null),
                        Number(one.Session.Calls),
                        Html.Time(one.Session.Last),
                    ]
            );
        More(output, chains.Count, MostRows);
        output.WriteLine("</section>");
    }

    private static void Map(TextWriter output, TrailActivity activity)
    {
        var principals = activity.Principals.Where(one => one.Type is not "AWSService").OrderByDescending(one => one.Calls).ToList();
        var services = principals
            .SelectMany(one => one.Services.Ordered)
            .GroupBy(service => service.Name, StringComparer.Ordinal)
            .OrderByDescending(service => service.Sum(one => one.Count))
            .Select(service => service.Key)
            .ToList();
        var shown = services.Take(MostServices).ToList();
        output.WriteLine(
            "<section aria-labelledby=\"map\">\n<h2 id=\"map\">Calls by principal and service</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"map\">"
        );
        Table(
            output,
            ["Principal", .. shown.Select(service => "#" + service.Replace(".amazonaws.com", "", StringComparison.Ordinal))],
            principals.Take(MostInMap),
            one =>
            {
                var calls = one.Services.Ordered.ToDictionary(service => service.Name, service => service.Count, StringComparer.Ordinal);
                return [Html.Text(ShortName(one.Name)), .. shown.Select(service => Heat(calls.GetValueOrDefault(service)))];
            },
            "map"
        );
        output.WriteLine("</div>");
        More(output, principals.Count, MostInMap, "principals");
        More(output, services.Count, MostServices, "services");
        output.WriteLine("</section>");
    }

    private static void Integrity(TextWriter output, TrailIntegrity? integrity)
    {
        output.WriteLine($"<section aria-labelledby=\"integrity\">\n<h2 id=\"integrity\">Integrity</h2>\n<p>{Html.Text(IntegrityWords(integrity))}</p>");
        if (integrity is not null)
        {
            output.WriteLine("<dl>");
            Term(output, "Digests", $"{Number(integrity.ProvenDigests)} of {Number(integrity.Digests)} proven");
            Term(output, "Log files", $"{Number(integrity.ProvenLogs)} of {Number(integrity.Logs)} proven");
            foreach (var (fault, count) in integrity.Counts.OrderBy(count => count.Key))
                Term(output, fault.Name(), Number(count));
            output.WriteLine("</dl>");
            if (integrity.Findings.Count > 0)
                Table(
                    output,
                    ["Kind", "What", "Why"],
                    integrity.Findings.Take(MostRows),
                    one => [Html.Text(one.Fault.Name()), $"<code>{Html.Text(one.Subject)}</code>", Html.Text(one.Reason)]
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

    private static void Table<T>(TextWriter output, string[] heads, IEnumerable<T> rows, Func<T, string[]> cells, string style = "")
    {
        output.Write($"<table{(style.Length > 0 ? $" class=\"{style}\"" : "")}><thead><tr>");
        foreach (var head in heads)
            output.Write(
                head is ['#', ..] ? $"<th scope=\"col\" class=\"number\"><span>{Html.Text(head[1..])}</span></th>" : $"<th scope=\"col\">{Html.Text(head)}</th>"
            );
        output.WriteLine("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            output.Write("<tr>");
            foreach (var (column, cell) in cells(row).Index())
                output.Write(
                    column == 0 ? $"<th scope=\"row\">{cell}</th>"
                    : heads[column] is ['#', ..]
                        ? cell.StartsWith("<td", StringComparison.Ordinal) ? cell
                            : $"<td class=\"number\">{cell}</td>"
                    : $"<td>{cell}</td>"
                );
            output.WriteLine("</tr>");
        }
        output.WriteLine("</tbody></table>");
    }

    /// <summary>A cell whose shade tells the order of magnitude.</summary>
    private static string Heat(long calls) =>
        calls == 0 ? "<td class=\"number heat0\"></td>" : $"<td class=\"number heat{Math.Min(5, 1 + (int)Math.Log10(calls))}\">{Number(calls)}</td>";

    private static void Counts(TextWriter output, string name, NameCounts counts)
    {
        var ordered = counts.Ordered;
        if (ordered.Count == 0)
            return;
        var more = ordered.Count > MostNames ? $" <span class=\"soft\">and {ordered.Count - MostNames} more</span>" : "";
        Row(
            output,
            name,
            string.Join("<br>", ordered.Take(MostNames).Select(one => $"{Html.Text(one.Name)} <span class=\"soft\">{Number(one.Count)}</span>")) + more
        );
    }

    private static void More(TextWriter output, int all, int shown, string of = "rows")
    {
        if (all > shown)
            output.WriteLine($"<p class=\"soft\">{Number(all - shown)} more {of} are not shown.</p>");
    }

    private static void Term(TextWriter output, string name, string value) => Row(output, name, Html.Text(value));

    private static void Row(TextWriter output, string name, string html) => output.WriteLine($"<dt>{name}</dt><dd>{html}</dd>");

    private static string Names(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count == 0
            ? "none named"
            : string.Join(", ", all.Take(2 * MostNames)) + (all.Count > 2 * MostNames ? $" and {all.Count - 2 * MostNames} more" : "");
    }

    private static string ShortName(string arn) => arn.Split(':', 6) is ["arn", _, "sts" or "iam", _, var account, var rest] ? $"{account} {rest}" : arn;

    private static string Share(long part, long all) => all == 0 || part == 0 ? "none" : $"{Math.Max(1, 100 * part / all)} %";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>What a rule found.</summary>
    private sealed record RuleRow(string Title, string Name, Level Level, int Count, DateTimeOffset? First, DateTimeOffset? Last, int Principals)
    {
        public static RuleRow Of(IGrouping<string, Alert> alerts)
        {
            var (count, first, last, who) = (0, default(DateTimeOffset?), default(DateTimeOffset?), new HashSet<string?>(StringComparer.Ordinal));
            AlertRule? rule = null;
            foreach (var alert in alerts)
            {
                rule = alert.Rule;
                count++;
                first = first < alert.Time ? first : alert.Time ?? first;
                last = last > alert.Time ? last : alert.Time ?? last;
                who.Add(alert.Facts.Behind?.Actor ?? alert.Facts.Actor);
            }
            return new RuleRow(rule!.Title, rule.Name, rule.Level, count, first, last, who.Count);
        }
    }
}
