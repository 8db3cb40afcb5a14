using System.Globalization;
using Detector.Core;

namespace Detector.App.Practices;

/// <summary>What every form of a scorecard says in the same words.</summary>
internal static class ScorecardLines
{
    private const int Named = 10;

    // AWS's own names are shorter; longer ones are somebody's idea of filling the page.
    private const int Longest = 400;

    /// <summary>What was looked at, as names and values.</summary>
    public static IEnumerable<(string Name, string Value)> Archive(Scorecard card)
    {
        var total = card.Survey.Total;
        yield return (
            "Records",
            $"{Words.Of(total.All)} in {Words.Count(card.Files, "file")}: {Words.Of(total.Writes)} that change, {Words.Of(total.Reads)} that read, {Words.Of(total.Data)} data events, {Words.Of(total.Others)} others"
        );
        yield return (
            "Time",
            card.Survey is { First: { } first, Last: { } last }
                ? $"{Times.Exact(first)} to {Times.Exact(last)}: {Words.Of(last - first)}, with records of {Words.Count(card.Survey.Days, "day")}"
                : "no record has one"
        );
        yield return ("Accounts", Names(card.Survey.Accounts.Select(account => (account, card.Survey.Sources(account).Values.Sum(counts => counts.All)))));
        yield return ("Regions", Names(card.Survey.Regions.Select(region => (region.Key, region.Value))));
        if (Asked(card.Scope) is { Length: > 0 } asked)
            yield return ("Asked for", asked);
        yield return (
            "Known before",
            card.Scope.Seeds.Count == 0
                ? "nothing: neither a credential report nor key pairs were given"
                : string.Join(" and ", card.Scope.Seeds.Order().Select(seed => seed == Seed.KeyPairs ? "key pairs" : "a credential report"))
        );
        yield return (
            "Rules",
            $"{Words.Of(card.Rules)} that alert; {Words.Count(card.Alerts, "alert")}"
                + (card.Unassigned == 0 ? "" : $", {Words.Of(card.Unassigned)} of them of rules that belong to no practice")
        );
        if (card.Losses > 0)
            yield return ("Not read", $"{Words.Count(card.Losses, "record or file")}, told on standard error");
        if (card.Stopped is { } stopped)
            yield return ("Stopped", $"before it was done: {stopped}");
    }

    /// <summary>How many practices have which verdict, such as <c>5 violated, 2 suspected</c>.</summary>
    public static string Summary(Scorecard card) =>
        string.Join(", ", card.Rows.GroupBy(row => row.Verdict).OrderBy(same => same.Key).Select(same => $"{Words.Of(same.Count())} {same.Key.Word()}"));

    /// <summary>When something was seen, in one cell.</summary>
    public static string When(DateTimeOffset? first, DateTimeOffset? last) =>
        first is null ? "no time"
        : first == last ? Times.Exact(first)!
        : $"{Times.Exact(first)} to {Times.Exact(last)}";

    /// <summary>Who did it, and from where.</summary>
    public static string Who(Evidence evidence)
    {
        var facts = evidence.Facts;
        return Short(facts.Actor ?? "nobody named") + (facts.SourceAddress is { } address ? $" from {Short(address)}" : "");
    }

    /// <summary>What was done, to what, in which account and region.</summary>
    public static string What(Evidence evidence)
    {
        var facts = evidence.Facts;
        var place = string.Join(" ", new[] { facts.Account, facts.Region }.Where(part => part is { Length: > 0 }));
        return Short(facts.EventName ?? "no name")
            + (facts.Targets.Count == 0 ? "" : $" ({Short(string.Join(", ", facts.Targets))})")
            + (facts.ErrorCode is { } error ? $", refused: {Short(error)}" : "")
            + (place.Length == 0 ? "" : $", in {Short(place)}")
            + (evidence.Events == 1 ? "" : $", the newest of {Words.Count(evidence.Events, "event")}");
    }

    /// <summary>Where the record lies.</summary>
    public static string Where(Evidence evidence) => string.Create(CultureInfo.InvariantCulture, $"{evidence.Event.File}#{evidence.Event.Index}");

    private static string Short(string text) => text.Length <= Longest ? text : $"{ShortText.Of(text, Longest)} ({Words.Count(text.Length, "character")})";

    private static string Asked(ScorecardScope scope) =>
        string.Join(
            "; ",
            new[]
            {
                scope.Within.From is { } from ? $"from {Times.Exact(from)}" : "",
                scope.Within.To is { } to ? $"to {Times.Exact(to)}" : "",
                scope.Places.Accounts.Count == 0 ? "" : $"accounts {string.Join(", ", scope.Places.Accounts)}",
                scope.Places.Regions.Count == 0 ? "" : $"regions {string.Join(", ", scope.Places.Regions)}",
            }.Where(part => part.Length > 0)
        );

    private static string Names(IEnumerable<(string Name, long Records)> all)
    {
        var named = all.OrderByDescending(one => one.Records).ThenBy(one => one.Name, StringComparer.Ordinal).ToList();
        return $"{Words.Of(named.Count)}: "
            + string.Join(", ", named.Take(Named).Select(one => $"{(one.Name.Length == 0 ? "none named" : one.Name)} ({Words.Of(one.Records)})"))
            + (named.Count > Named ? ", ..." : "");
    }
}
