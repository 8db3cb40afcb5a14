using Detector.Core.Rules;

namespace Detector.App.Practices;

/// <summary>
/// A scorecard as one HTML page: no script, nothing from elsewhere, and a policy that allows neither. What comes from the trail is text, whatever its callers
/// put into it.
/// </summary>
internal static class ScorecardPage
{
    private const string Style = """
        :root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa; --link: #0550ae;
          --violated: #b3141b; --suspected: #8a4b00; --attempted: #6639a6; --nothing: #2f5672; --cannot: #57606a; }
        @media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --soft: #9da7b1; --line: #30363d; --card: #161b22; --link: #79b8ff;
          --violated: #ff7b72; --suspected: #f0b050; --attempted: #c8a6ff; --nothing: #9cc4e4; --cannot: #9da7b1; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; background: var(--page); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
        h3 { font-size: 1.05rem; line-height: 1.3; margin: 0; }
        h4 { font-size: .85rem; margin: 1rem 0 .25rem; color: var(--soft); }
        p { margin: .35rem 0; }
        a { color: var(--link); }
        a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        code { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
        table { border-collapse: collapse; width: 100%; font-size: .95rem; }
        caption { text-align: left; color: var(--soft); font-size: .85rem; padding-bottom: .35rem; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
        thead th { color: var(--soft); font-size: .85rem; border-bottom-width: 2px; overflow-wrap: normal; }
        tbody th { font-weight: 500; }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
        td.verdict, td.word { white-space: nowrap; overflow-wrap: normal; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .5rem 0; font-size: .95rem; }
        dt { color: var(--soft); }
        dd { margin: 0; }
        ul, ol { margin: .25rem 0; padding-left: 1.3rem; }
        li { margin: .35rem 0; }
        .soft { color: var(--soft); }
        .counts { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; margin: 1.25rem 0; list-style: none; }
        .counts li { flex: 1 1 8.5rem; margin: 0; padding: .6rem .8rem; border: 1px solid var(--line); border-left: .35rem solid; border-radius: .4rem;
          background: var(--card); }
        .counts b { display: block; font-size: 1.6rem; line-height: 1.2; }
        .badge { font-weight: 600; white-space: nowrap; }
        .violated { color: var(--violated); } .suspected { color: var(--suspected); } .attempted { color: var(--attempted); }
        .nothing { color: var(--nothing); } .cannot { color: var(--cannot); }
        article { margin: 1rem 0; padding: 1rem 1.1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
        article > p.badge { margin: .2rem 0 .5rem; }
        .where { display: block; color: var(--soft); }
        @media (max-width: 40rem) {
          .wide { display: none; }
          th, td { padding: .35rem .3rem; }
          td.verdict .badge { white-space: normal; }
          dl { grid-template-columns: 1fr; gap: 0; }
          dd { margin-bottom: .4rem; }
          article { padding: .8rem; }
        }
        @media print {
          :root { color-scheme: light; --page: #fff; --ink: #000; --soft: #444; --line: #999; --card: #fff; --link: #000;
            --violated: #b3141b; --suspected: #8a4b00; --attempted: #6639a6; --nothing: #2f5672; --cannot: #444; }
          body { max-width: none; padding: 0; font-size: 10pt; }
          h2, h3, h4 { break-after: avoid; }
          li, tr, dl { break-inside: avoid; }
          a { text-decoration: none; }
        }
        """;

    private static readonly (Verdict Verdict, string Sign, string Class, string Meaning)[] Verdicts =
    [
        (Verdict.Violated, "✖", "violated", "Records show that the practice was departed from."),
        (Verdict.Suspected, "▲", "suspected", "Records hint at a departure, and somebody has to look."),
        (Verdict.Attempted, "◆", "attempted", "Somebody tried to depart from it and was refused."),
        (Verdict.NothingSeen, "○", "nothing", "Records that could show a departure are there, and none does. That is not proof that the practice is kept."),
        (Verdict.CannotTell, "–", "cannot", "Nothing is there that could show it."),
    ];

    private static readonly (Sureness Sureness, string Meaning)[] Surenesses =
    [
        (Sureness.Certain, "Single records prove the verdict."),
        (Sureness.Likely, "It rests on signs, or on the silence of records that are all that the practice asks."),
        (Sureness.Unsure, "It rests on the silence of records that are not all that the practice asks; what is missing is named."),
        (Sureness.Unknown, "Nobody can tell from these records."),
    ];

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, Scorecard card)
    {
        Head(output);
        output.WriteLine("<body>\n<header>\n<h1>Practices for IAM and EC2 key pairs</h1>");
        output.WriteLine($"<p class=\"soft\">What CloudTrail shows of them. Made {Html.Time(card.Made)} by Detector.</p>");
        output.WriteLine("<ul class=\"counts\" aria-label=\"Practices by verdict\">");
        foreach (var (verdict, sign, style, _) in Verdicts)
            output.WriteLine(
                $"<li class=\"{style}\"><b>{card.Rows.Count(row => row.Verdict == verdict)}</b><span aria-hidden=\"true\">{sign}</span> {verdict.Word()}</li>"
            );
        output.WriteLine("</ul>\n</header>\n<main>\n<section aria-labelledby=\"looked\">\n<h2 id=\"looked\">What was looked at</h2>\n<dl>");
        foreach (var (name, value) in ScorecardLines.Archive(card))
            Term(output, name, value);
        output.WriteLine("</dl>\n</section>");
        Glance(output, card);
        output.WriteLine("<section aria-labelledby=\"each\">\n<h2 id=\"each\">Each practice</h2>");
        foreach (var row in card.Rows)
            Article(output, row);
        output.WriteLine("</section>");
        Legend(output);
        output.WriteLine("</main>\n</body>\n</html>");
    }

    private static void Head(TextWriter output)
    {
        var style = Style.ReplaceLineEndings("\n");
        output.WriteLine(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {Html.Source(style)}; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>Practices for IAM and EC2 key pairs: what CloudTrail shows</title>
            """
        );
        // The hash is that of what stands between the tags, line by line.
        output.Write("<style>");
        output.Write(style);
        output.WriteLine("</style>\n</head>");
    }

    private static void Glance(TextWriter output, Scorecard card)
    {
        output.WriteLine("<section aria-labelledby=\"glance\">\n<h2 id=\"glance\">At a glance</h2>\n<table>");
        output.WriteLine($"<caption>{Words.Count(card.Rows.Count, "practice")}: {Html.Text(ScorecardLines.Summary(card))}</caption>");
        output.WriteLine(
            "<thead><tr><th scope=\"col\">Practice</th><th scope=\"col\">Verdict</th><th scope=\"col\">How sure</th><th scope=\"col\" class=\"wide\">Level</th>"
                + "<th scope=\"col\" class=\"number\">Alerts</th><th scope=\"col\" class=\"wide\">Last seen</th></tr></thead>\n<tbody>"
        );
        foreach (var row in card.Rows)
            output.WriteLine(
                $"<tr><th scope=\"row\"><a href=\"#{row.Practice.Slug}\">{Html.Text(row.Practice.Title)}</a></th><td class=\"verdict\">{Badge(row.Verdict)}</td>"
                    + $"<td class=\"word\">{row.Sureness.Word()}</td><td class=\"word wide\">{(row.Level?.Word() ?? "–")}</td>"
                    + $"<td class=\"number\">{Words.Of(row.Alerts)}</td><td class=\"word wide\">{(row.Last is { } last ? Html.Time(last) : "–")}</td></tr>"
            );
        output.WriteLine("</tbody>\n</table>\n</section>");
    }

    private static void Article(TextWriter output, PracticeRow row)
    {
        output.WriteLine($"<article id=\"{row.Practice.Slug}\">\n<h3>{Html.Text(row.Practice.Title)}</h3>");
        output.WriteLine($"<p class=\"badge\">{Badge(row.Verdict)}, {row.Sureness.Word()}</p>\n<p>{Html.Text(row.Why)}</p>");
        if (row.Findings.Count > 0)
            Findings(output, row);
        if (row.Evidence.Count > 0)
        {
            output.WriteLine(
                $"<h4>Evidence{(row.Evidence.Count < row.Alerts ? $", {row.Evidence.Count} of {Words.Count(row.Alerts, "alert")}" : "")}</h4>\n<ol>"
            );
            foreach (var evidence in row.Evidence)
                output.WriteLine(
                    $"<li>{(evidence.Event.EventTime is { } time ? Html.Time(time) : "No time")} <strong>{Html.Text(evidence.Title)}</strong> ({evidence.Level.Word()})<br>"
                        + $"{Html.Text(ScorecardLines.Who(evidence))}: {Html.Text(ScorecardLines.What(evidence))}"
                        + $"<code class=\"where\">{Html.Text(ScorecardLines.Where(evidence))}</code></li>"
                );
            output.WriteLine("</ol>");
        }
        if (row.Gaps.Count > 0)
        {
            output.WriteLine("<h4>To see more</h4>\n<ul>");
            foreach (var gap in row.Gaps)
                output.WriteLine($"<li>{Html.Text(gap.Needed)}<span class=\"soft\">, as {Html.Text(gap.Missing)}</span></li>");
            output.WriteLine("</ul>");
        }
        output.WriteLine("<h4>What this can and cannot show</h4>\n<dl>");
        Term(output, "Rests on", row.RestsOn);
        Term(output, "CloudTrail never shows", row.Practice.Unseen);
        Term(output, "Nearest in the trail", row.Practice.Proxy);
        Term(output, "Shown elsewhere", row.Practice.Elsewhere);
        output.WriteLine("</dl>\n</article>");
    }

    private static void Findings(TextWriter output, PracticeRow row)
    {
        output.WriteLine(
            "<h4>Found</h4>\n<table>\n<thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Shows</th><th scope=\"col\">Level</th>"
                + "<th scope=\"col\" class=\"number\">Alerts</th><th scope=\"col\" class=\"wide\">First</th><th scope=\"col\" class=\"wide\">Last</th></tr></thead>\n<tbody>"
        );
        foreach (var finding in row.Findings)
            output.WriteLine(
                $"<tr><th scope=\"row\">{Html.Text(finding.Rule)}</th><td class=\"word\">{finding.Weight.Word()}</td><td class=\"word\">{finding.Level.Word()}</td>"
                    + $"<td class=\"number\">{Words.Of(finding.Alerts)}</td><td class=\"word wide\">{(finding.First is { } first ? Html.Time(first) : "–")}</td>"
                    + $"<td class=\"word wide\">{(finding.Last is { } last ? Html.Time(last) : "–")}</td></tr>"
            );
        output.WriteLine("</tbody>\n</table>");
    }

    private static void Legend(TextWriter output)
    {
        output.WriteLine("<section aria-labelledby=\"words\">\n<h2 id=\"words\">What the words mean</h2>\n<dl>");
        foreach (var (verdict, _, _, meaning) in Verdicts)
            output.WriteLine($"<dt>{Badge(verdict)}</dt><dd>{meaning}</dd>");
        foreach (var (sureness, meaning) in Surenesses)
            output.WriteLine($"<dt>{sureness.Word()}</dt><dd>{meaning}</dd>");
        output.WriteLine("</dl>\n</section>");
    }

    private static void Term(TextWriter output, string name, string value)
    {
        if (value.Length > 0)
            output.WriteLine($"<dt>{name}</dt><dd>{Html.Text(value)}</dd>");
    }

    private static string Badge(Verdict verdict)
    {
        var (_, sign, style, _) = Verdicts[(int)verdict];
        return $"<span class=\"badge {style}\"><span aria-hidden=\"true\">{sign}</span> {verdict.Word()}</span>";
    }
}
