using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Detector.Core.Rules;

namespace Detector.App.Status;

/// <summary>
/// The status page: plain HTML that loads itself anew, with no script, nothing from elsewhere, and a policy that allows neither. What comes from events is text,
/// whatever callers put into it.
/// </summary>
internal static class StatusPage
{
    private const string Style = """
        :root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa;
          --good: #1a7f37; --bad: #b3141b; --critical: #b3141b; --high: #b35900; --medium: #7d5b00; --low: #2f5672; --informational: #57606a; }
        @media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --soft: #9da7b1; --line: #30363d; --card: #161b22;
          --good: #56d364; --bad: #ff7b72; --critical: #ff7b72; --high: #ffa657; --medium: #e3c04b; --low: #9cc4e4; --informational: #9da7b1; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 72rem; background: var(--page); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
        h1 { font-size: 1.5rem; line-height: 1.2; margin: 0; }
        h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        p { margin: .35rem 0; }
        .soft { color: var(--soft); }
        .state { font-weight: 600; }
        .good { color: var(--good); } .bad { color: var(--bad); }
        .critical { color: var(--critical); } .high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); }
        .informational { color: var(--informational); }
        .level { font-weight: 600; white-space: nowrap; }
        ul.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(max(9rem, 22%), 1fr)); gap: .6rem; padding: 0; margin: 1.25rem 0 0; list-style: none; }
        ul.counts li { padding: .55rem .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--card); font-size: .9rem; }
        ul.counts b { display: block; font-size: 1.45rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; font-size: .92rem; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
        thead th { color: var(--soft); font-size: .82rem; font-weight: 500; }
        tbody th { font-weight: 500; }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
        td.number + td, th.number + th { padding-left: 1rem; }
        td.wide { white-space: nowrap; }
        td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
        code { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
        .empty { color: var(--soft); padding: .5rem 0; }
        @media (max-width: 45rem) { .wide, table.alerts thead { display: none; }
          thead th, table.sinks th { overflow-wrap: normal; } th, td, td.number + td, th.number + th { padding-right: .4rem; padding-left: 0; }
          table.alerts tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
          table.alerts td:not(.wide) { display: block; padding: 0; border: 0; } table.alerts td.time, table.alerts td.time + td { display: inline-block; padding-right: .6rem; } }
        """;

    private static readonly string Sheet = Style.ReplaceLineEndings("\n");

    /// <summary>Sent with the page.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Sheet)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The page.</summary>
    public static string Of(StatusReport report)
    {
        var page = new StringBuilder(16 * 1024);
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"15\">\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<title>{(report.IsReady ? "Detector" : "Not ready: Detector")}</title>\n<style>{Sheet}</style>\n</head>\n");
        page.Append("<body>\n<header>\n<h1>Detector</h1>\n");
        page.Append(report.IsReady ? "<span class=\"state good\">● ready</span>\n" : "<span class=\"state bad\">▲ not ready</span>\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"<span class=\"soft\">{Html.Text(report.Version)}, up {Span(report.Live.At - report.Started)}, {report.Rules} rules, events from {Html.Text(report.Source)}. {Clock(report.Live.At)}</span>\n</header>\n<main>\n"
        );
        foreach (var complaint in report.Complaints.Concat(report.Worries))
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\" role=\"alert\">{Html.Text(complaint)}</p>\n");
        foreach (var (name, _, outbox) in report.Sinks)
        {
            if (
                report.Live.Sinks.GetValueOrDefault(name) is { LastFailure: { } failure } sink
                && outbox.Pending > 0
                && failure > (sink.LastDelivered ?? default)
            )
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"<p class=\"bad\" role=\"alert\">{Number(outbox.Pending)} wait for {Html.Text(name)}: {Html.Text(sink.Reason)}</p>\n"
                );
        }
        Counts(page, report);
        Alerts(page, report);
        Sinks(page, report);
        Rules(page, report);
        Hidden(page, report);
        Costs(page, report);
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Counts(StringBuilder page, StatusReport report)
    {
        var live = report.Live;
        page.Append("<ul class=\"counts\" aria-label=\"Now\">\n");
        foreach (var rate in live.Rates)
            Count(page, Number(rate.Events), $"events, {Words(rate.Minutes)}");
        Count(page, Number(live.Rates[^1].Alerts), $"alerts, {Words(live.Rates[^1].Minutes)}");
        Count(page, live.NewestEvent is { } newest ? Ago(live.At - newest) : "–", "newest event");
        Count(page, live.Received is { } received ? Ago(live.At - received) : "–", "last received");
        Count(page, report.Watermark is { } watermark ? Ago(live.At - watermark) : "–", "judged up to");
        Count(page, Number(live.Rejected), "records not readable");
        page.Append("</ul>\n");
    }

    private static void Alerts(StringBuilder page, StatusReport report)
    {
        page.Append("<section aria-labelledby=\"alerts\">\n<h2 id=\"alerts\">Newest alerts</h2>\n");
        if (report.Live.Newest.Count == 0)
        {
            page.Append("<p class=\"empty\">None since the start. The ledger knows those before.</p>\n</section>\n");
            return;
        }
        Head(page, "alerts", "Event", "Level", "What", "Who", "Where", "Alert");
        foreach (var (alert, _) in report.Live.Newest)
        {
            var facts = alert.Facts;
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td class=\"time\">{(alert.Time is { } time ? Clock(time) : "no time")}</td><td>{LevelOf(alert.Rule.Level)}</td>"
            );
            page.Append(CultureInfo.InvariantCulture, $"<td>{Html.Text(alert.Rule.Title)}{(alert.Late ? " <span class=\"soft\">(late)</span>" : "")}");
            page.Append(CultureInfo.InvariantCulture, $"<br><span class=\"soft\">{Html.Text(facts.EventName ?? "")}</span></td>");
            page.Append(
                CultureInfo.InvariantCulture,
                $"<td>{Html.Text(facts.Actor ?? alert.Group ?? "–")}<br><span class=\"soft\">{Html.Text(facts.SourceAddress ?? "")}</span></td>"
            );
            page.Append(
                CultureInfo.InvariantCulture,
                $"<td class=\"wide\">{Html.Text(facts.Account ?? "–")}<br><span class=\"soft\">{Html.Text(facts.Region ?? "")}</span></td>"
            );
            page.Append(
                CultureInfo.InvariantCulture,
                $"<td class=\"wide\"><code>{Html.Text(alert.Id.Value[..Math.Min(12, alert.Id.Value.Length)])}</code></td></tr>\n"
            );
        }
        page.Append("</tbody>\n</table>\n</section>\n");
    }

    private static void Sinks(StringBuilder page, StatusReport report)
    {
        page.Append("<section aria-labelledby=\"sinks\">\n<h2 id=\"sinks\">Where alerts go</h2>\n");
        Head(page, "sinks", "Sink", "From level", "#Waiting", "#Delivered", "#Refused", "Last delivered", "Last failure");
        foreach (var (name, minimum, outbox) in report.Sinks)
        {
            var sink = report.Live.Sinks.GetValueOrDefault(name) ?? new SinkStatus();
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Html.Text(name)}</th><td class=\"wide\">{LevelOf(minimum)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{Number(outbox.Pending)}</td><td class=\"number\">{Number(sink.Delivered)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{Number(sink.Refused)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"wide time\">{(sink.LastDelivered is { } last ? Ago(report.Live.At - last) : "–")}</td>");
            page.Append(
                CultureInfo.InvariantCulture,
                $"<td>{(sink.LastFailure is { } failure ? $"{Ago(report.Live.At - failure)}: {Html.Text(sink.Reason)}" : "–")}</td></tr>\n"
            );
        }
        page.Append("</tbody>\n</table>\n</section>\n");
    }

    private static void Rules(StringBuilder page, StatusReport report)
    {
        page.Append("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules that fired</h2>\n");
        if (report.Live.Rules.Count == 0)
        {
            page.Append("<p class=\"empty\">None since the start.</p>\n</section>\n");
            return;
        }
        Head(page, "rules", "Rule", "Level", "#Alerts", "Last");
        foreach (var rule in report.Live.Rules)
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\">{Html.Text(rule.Rule.Title)}<br><code class=\"soft\">{Html.Text(rule.Rule.Name)}</code></th><td>{LevelOf(rule.Rule.Level)}</td><td class=\"number\">{Number(rule.Alerts)}</td><td class=\"time\">{Ago(report.Live.At - rule.Last)}</td></tr>\n"
            );
        page.Append("</tbody>\n</table>\n</section>\n");
    }

    /// <summary>Not there while nothing is hidden.</summary>
    private static void Hidden(StringBuilder page, StatusReport report)
    {
        if (report.Live.Hidden.Count == 0)
            return;
        page.Append("<section aria-labelledby=\"hidden\">\n<h2 id=\"hidden\">Hidden by suppressions</h2>\n");
        Head(page, "hidden", "Suppression", "Of rule", "Level", "#Alerts", "Last");
        foreach (var hidden in report.Live.Hidden)
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\">{Html.Text(hidden.Suppression)}</th><td class=\"wide\">{Html.Text(hidden.Rule.Title)}</td><td>{LevelOf(hidden.Rule.Level)}</td><td class=\"number\">{Number(hidden.Alerts)}</td><td class=\"time\">{Ago(report.Live.At - hidden.Last)}</td></tr>\n"
            );
        page.Append("</tbody>\n</table>\n</section>\n");
    }

    /// <summary>Not there until records were timed.</summary>
    private static void Costs(StringBuilder page, StatusReport report)
    {
        if (report.Dearest.Count == 0)
            return;
        page.Append("<section aria-labelledby=\"costs\">\n<h2 id=\"costs\">Rules that cost most</h2>\n");
        Head(page, "costs", "Rule", "#Tried on", "#Microseconds each", "#Of one core");
        var up = report.Live.At - report.Started;
        foreach (var cost in report.Dearest)
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\"><code>{Html.Text(cost.Rule)}</code></th><td class=\"number\">{Number(cost.Tries)}</td><td class=\"number\">{cost.Time.TotalMicroseconds / cost.Tries:0.0}</td><td class=\"number\">{(up > TimeSpan.Zero ? cost.Time / up : 0):0.00 %}</td></tr>\n"
            );
        page.Append("</tbody>\n</table>\n<p class=\"soft\">Estimated since the start, from one record in ");
        page.Append(CultureInfo.InvariantCulture, $"{RuleCosts.Every}.</p>\n</section>\n");
    }

    /// <summary>Begins a table. A title that begins with # heads numbers; some columns are not there on a phone.</summary>
    private static void Head(StringBuilder page, string style, params string[] titles)
    {
        page.Append(CultureInfo.InvariantCulture, $"<table class=\"{style}\">\n<thead><tr>");
        foreach (var title in titles)
        {
            var column =
                title.StartsWith('#') ? " class=\"number\""
                : title is "Where" or "Alert" or "From level" or "Last delivered" or "Of rule" ? " class=\"wide\""
                : "";
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{column}>{title.TrimStart('#')}</th>");
        }
        page.Append("</tr></thead>\n<tbody>\n");
    }

    private static void Count(StringBuilder page, string number, string of) => page.Append(CultureInfo.InvariantCulture, $"<li><b>{number}</b> {of}</li>\n");

    private static string LevelOf(Level level) => $"<span class=\"level {level.Word()}\">{level.Word()}</span>";

    private static string Words(int minutes) => minutes == 1 ? "this minute" : $"{minutes} minutes";

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    private static string Clock(DateTimeOffset time) =>
        $"<time datetime=\"{Times.Exact(time)}\">{time.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC</time>";

    private static string Ago(TimeSpan span) => $"{Span(span)} ago";

    private static string Span(TimeSpan span) =>
        span switch
        {
            { TotalSeconds: < 1 } => "0 s",
            { TotalMinutes: < 2 } => $"{(int)span.TotalSeconds} s",
            { TotalHours: < 2 } => $"{(int)span.TotalMinutes} min",
            { TotalDays: < 2 } => $"{(int)span.TotalHours} h",
            _ => $"{(int)span.TotalDays} d",
        };
}
