using Detector.Adapters.Reports;
using Detector.Core.Detection.Surveys;
using Detector.Core.Rules.Fields;
using static Detector.App.Reports.HtmlTable;

namespace Detector.App.Reports;

/// <summary>The sections of a report that tell who did what, whether or not a rule minds it.</summary>
internal static class ReportActivity
{
    private const int MostPrincipals = 100;
    private const int MostServices = 18;
    private const int MostInMap = 30;
    private const int MostNames = 6;

    /// <summary>Writes them.</summary>
    public static void Write(TextWriter output, TrailActivity activity)
    {
        Principals(output, activity);
        Sessions(output, activity);
        Map(output, activity);
    }

    private static void Principals(TextWriter output, TrailActivity activity)
    {
        var all = ByCalls(activity).OrderByDescending(one => one.Denied > 0).ToList();
        output.WriteLine("<section aria-labelledby=\"who\" id=\"principals\">\n<h2 id=\"who\">Who did what</h2>");
        foreach (var one in all.Where(one => one.Type is not "AWSService").Concat(all.Where(one => one.Type is "AWSService")).Take(MostPrincipals))
        {
            output.WriteLine(
                $"<details><summary><b class=\"name\">{Html.Text(one.Name)}</b> <span class=\"soft\">{Html.Text(one.Type.Length > 0 ? one.Type + ", " : "")}{Words.Count(one.Calls, "call")}, "
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
        More(output, all.Count, MostPrincipals, "principals");
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
                        Words.Of(one.Session.Calls),
                        Html.Time(one.Session.Last),
                    ]
            );
        More(output, chains.Count, MostRows);
        output.WriteLine("</section>");
    }

    private static void Map(TextWriter output, TrailActivity activity)
    {
        var principals = ByCalls(activity).Where(one => one.Type is not "AWSService").ToList();
        var services = principals
            .SelectMany(one => one.Services.Ordered)
            .GroupBy(service => service.Name, StringComparer.Ordinal)
            .OrderByDescending(service => service.Sum(one => one.Count))
            .ThenBy(service => service.Key, StringComparer.Ordinal)
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

    /// <summary>Always in the same order, whichever thread met whom first.</summary>
    private static IEnumerable<PrincipalActivity> ByCalls(TrailActivity activity) =>
        activity.Principals.OrderByDescending(one => one.Calls).ThenBy(one => one.Name, StringComparer.Ordinal);

    private static void Counts(TextWriter output, string name, NameCounts counts)
    {
        var ordered = counts.Ordered;
        if (ordered.Count == 0)
            return;
        var more = ordered.Count > MostNames ? $" <span class=\"soft\">and {ordered.Count - MostNames} more</span>" : "";
        Row(
            output,
            name,
            string.Join("<br>", ordered.Take(MostNames).Select(one => $"{Html.Text(one.Name)} <span class=\"soft\">{Words.Of(one.Count)}</span>")) + more
        );
    }

    /// <summary>A cell whose shade tells the order of magnitude.</summary>
    private static string Heat(long calls) =>
        calls == 0 ? "<td class=\"number heat0\"></td>" : $"<td class=\"number heat{Math.Min(5, 1 + (int)Math.Log10(calls))}\">{Words.Of(calls)}</td>";

    public static string ShortName(string arn) => ActorName.Of(arn) is { } actor ? $"{actor.Account} {actor.Name}" : arn;

    private static string Share(long part, long all) => all == 0 || part == 0 ? "none" : $"{Math.Max(1, 100 * part / all)} %";
}
