using System.Globalization;

namespace Detector.App.Backtests;

/// <summary>How a column of a section is to be taken.</summary>
internal enum ColumnKind
{
    /// <summary>Our own words.</summary>
    Words,

    /// <summary>Our own numbers.</summary>
    Number,

    /// <summary>What others have chosen: a rule's author, or whoever called AWS.</summary>
    Theirs,
}

/// <summary>A part of a backtest's answer: a table.</summary>
/// <param name="Title">What it tells; empty for the first.</param>
/// <param name="Columns">Heads, and how to take what stands below them.</param>
/// <param name="Rows">As it is: not escaped, not cut.</param>
/// <param name="Rest">What no row tells; null if nothing.</param>
internal sealed record Section(string Title, IReadOnlyList<(string Head, ColumnKind Kind)> Columns, IReadOnlyList<string[]> Rows, string? Rest = null);

/// <summary>A backtest in words and tables, for whatever shows them to people.</summary>
internal static class BacktestWords
{
    /// <summary>The answer in a few sentences, the most important first. Holds nothing that others have chosen.</summary>
    public static IReadOnlyList<string> Summary(Backtest backtest)
    {
        var stats = backtest.Stats;
        var sentences = new List<string>();
        if (backtest.Before is { } before)
        {
            sentences.Add($"{Some(backtest.Alerts.Alerts, "alert")}, {before.Alerts} before.");
            sentences.Add(Changes(backtest));
        }
        else
        {
            sentences.Add($"{Some(backtest.Alerts.Alerts, "alert")} of {Some(backtest.Telling.Count(), "rule")}; {backtest.Silent.Count()} never fired.");
        }
        if (backtest.Alerts.MostOn is { } mostOn)
            sentences.Add($"Alerts a day: {Spread(backtest.Alerts)}, the most on {Day(mostOn)}.");
        var when = backtest.Days is { } days ? $", {Day(days.First)} to {Day(days.Last)} ({Some(days.Count, "day")})" : "";
        sentences.Add($"Judged: {Some(stats.Records, "record")} of {Some(stats.Files, "file")}{when}.");
        if (backtest.Refused.Count > 0)
            sentences.Add($"{Some(backtest.Refused.Count, "rule")} refused.");
        if (backtest.Unsplit > 0)
            sentences.Add($"There are too many actors or days: {Some(backtest.Unsplit, "alert")} counted by rule alone.");
        return sentences;
    }

    /// <summary>The tables, each of which has a row.</summary>
    public static IEnumerable<Section> Sections(Backtest backtest)
    {
        Section[] sections = backtest.Compares
            ?
            [
                Comparison(backtest.Differing),
                Difference(backtest, rule => rule.OnlyAfter, "only now"),
                Difference(backtest, rule => rule.OnlyBefore, "only before"),
                Actors(backtest.Differing, compares: true),
                Rules($"{Some(backtest.Alike.Count(), "rule")} as before", backtest.Alike),
                Refused(backtest),
            ]
            : [Rules("", backtest.Telling), Actors(backtest.Telling, compares: false), Refused(backtest)];
        return sections.Where(section => section.Rows.Count > 0);
    }

    /// <summary>So many of something.</summary>
    public static string Some(long count, string what) => $"{Number(count)} {what}{(count == 1 ? "" : "s")}";

    /// <summary>What <see cref="Backtest.Silent"/> is called.</summary>
    public static string NeverFired(Backtest backtest) => $"{Some(backtest.Silent.Count(), "rule")} never fired";

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Changes(Backtest backtest)
    {
        var (now, before) = (backtest.Rules.Sum(rule => rule.OnlyAfter.Events), backtest.Rules.Sum(rule => rule.OnlyBefore.Events));
        var rules = new[] { (RuleChange.New, "new"), (RuleChange.Gone, "gone"), (RuleChange.Level, "of another level") }
            .Select(change => (Count: backtest.Rules.Count(rule => rule.Change == change.Item1), Word: change.Item2))
            .Where(change => change.Count > 0)
            .Select(change => $"{Some(change.Count, "rule")} {change.Word}")
            .ToList();
        var events =
            now + before == 0
                ? "Both tell of the same events"
                : $"{Some(now, "event")} of {Some(backtest.Rules.Count(rule => rule.OnlyAfter.Events > 0), "rule")} told only now, "
                    + $"{Some(before, "event")} of {Some(backtest.Rules.Count(rule => rule.OnlyBefore.Events > 0), "rule")} only before";
        return rules.Count == 0 ? $"{events}." : $"{events}; {string.Join(", ", rules)}.";
    }

    private static Section Rules(string title, IEnumerable<RuleBacktest> rules) =>
        new(
            title,
            [
                ("rule", ColumnKind.Theirs),
                ("level", ColumnKind.Words),
                ("alerts", ColumnKind.Number),
                ("a day", ColumnKind.Words),
                ("most on", ColumnKind.Words),
                ("actors", ColumnKind.Number),
            ],
            [
                .. Noisiest(rules)
                    .Select(rule =>
                        new[] { rule.Label, rule.Level, Number(rule.Alerts.Alerts), Spread(rule.Alerts), MostOn(rule.Alerts), Number(rule.ActorCount) }
                    ),
            ]
        );

    private static Section Comparison(IEnumerable<RuleBacktest> rules) =>
        new(
            "",
            [
                ("rule", ColumnKind.Theirs),
                ("change", ColumnKind.Words),
                ("level", ColumnKind.Words),
                ("before", ColumnKind.Number),
                ("alerts", ColumnKind.Number),
                ("events only before", ColumnKind.Number),
                ("events only now", ColumnKind.Number),
                ("a day", ColumnKind.Words),
                ("most on", ColumnKind.Words),
            ],
            [
                .. Noisiest(rules)
                    .Select(rule =>
                        new[]
                        {
                            rule.Label,
                            rule.Change is RuleChange.New or RuleChange.Gone ? rule.Change.ToString().ToLowerInvariant() : "",
                            rule.Level,
                            Number(rule.AlertsBefore.Alerts),
                            Number(rule.Alerts.Alerts),
                            Number(rule.OnlyBefore.Events),
                            Number(rule.OnlyAfter.Events),
                            Spread(rule.Alerts),
                            MostOn(rule.Alerts),
                        }
                    ),
            ]
        );

    private static Section Difference(Backtest backtest, Func<RuleBacktest, Difference> of, string what)
    {
        var rest = backtest.Rules.Sum(rule => of(rule).Rest);
        return new Section(
            $"{Some(backtest.Rules.Sum(rule => of(rule).Events), "event")} told {what}, by rule, actor and day, with the first of each",
            [
                ("rule", ColumnKind.Theirs),
                ("who", ColumnKind.Theirs),
                ("events", ColumnKind.Number),
                ("time", ColumnKind.Words),
                ("what", ColumnKind.Theirs),
                ("where", ColumnKind.Theirs),
            ],
            [
                .. from rule in backtest.Rules
                from row in of(rule).Rows
                select new[]
                {
                    rule.Label,
                    row.Actor,
                    Number(row.Events),
                    Times.Exact(row.First.EventTime) ?? "no time",
                    row.First.EventName ?? "-",
                    $"{row.First.File}#{row.First.Index}",
                },
            ],
            rest > 0 ? $"and {Some(rest, "event")} of other actors and days" : null
        );
    }

    private static Section Actors(IEnumerable<RuleBacktest> rules, bool compares)
    {
        var columns = new List<(string, ColumnKind)> { ("rule", ColumnKind.Theirs), ("who", ColumnKind.Theirs), ("alerts", ColumnKind.Number) };
        if (compares)
            columns.Insert(2, ("before", ColumnKind.Number));
        return new Section(
            "Noisiest actors",
            columns,
            [
                .. from rule in Noisiest(rules)
                from actor in rule.Actors
                select compares
                    ? new[] { rule.Label, actor.Actor, Number(actor.Before), Number(actor.Alerts) }
                    : [rule.Label, actor.Actor, Number(actor.Alerts)],
            ]
        );
    }

    private static Section Refused(Backtest backtest) =>
        new($"{Some(backtest.Refused.Count, "rule")} refused", [("why", ColumnKind.Theirs)], [.. backtest.Refused.Select(error => new[] { error.ToString() })]);

    private static IEnumerable<RuleBacktest> Noisiest(IEnumerable<RuleBacktest> rules) =>
        rules.OrderByDescending(rule => Math.Max(rule.Alerts.Alerts, rule.AlertsBefore.Alerts));

    private static string Spread(Volume volume) =>
        volume.MostOn is null ? "-" : $"{Number(volume.Least)} to {Number(volume.Most)}, median {volume.Median.ToString("0.#", CultureInfo.InvariantCulture)}";

    private static string MostOn(Volume volume) => volume.MostOn is { } day ? Day(day) : "-";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
