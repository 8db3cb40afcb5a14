using System.Text.Json;
using Detector.App.Replays;
using Detector.Core.Rules;

namespace Detector.App.Backtests;

/// <summary>A backtest for programs.</summary>
internal static class BacktestJson
{
    public static void Write(Utf8JsonWriter json, Backtest backtest)
    {
        json.WriteNumber("files", backtest.Stats.Files);
        json.WriteNumber("records", backtest.Stats.Records);
        json.WriteString("from", backtest.Days is { } days ? BacktestWords.Day(days.First) : null);
        json.WriteString("to", backtest.Days is { } same ? BacktestWords.Day(same.Last) : null);
        Write(json, "alerts", backtest.Alerts);
        if (backtest.Before is { } before)
            Write(json, "before", before);
        json.WriteNumber("unsplit", backtest.Unsplit);
        json.WriteArray("rules", backtest.Rules, rule => Write(json, rule, backtest.Compares));
        json.WriteArray(
            "refused",
            backtest.Refused,
            error =>
            {
                json.WriteString("file", error.Place.File);
                json.WriteNumber("line", error.Place.Line);
                json.WriteNumber("column", error.Place.Column);
                json.WriteString("reason", error.Reason);
            }
        );
    }

    private static void Write(Utf8JsonWriter json, RuleBacktest rule, bool compares)
    {
        var shown = (rule.After ?? rule.Before)!;
        json.WriteString("rule", rule.Label);
        json.WriteString("id", shown.Id);
        json.WriteString("title", shown.Title);
        json.WriteString("level", shown.Level.Word());
        Write(json, "alerts", rule.Alerts);
        if (compares)
        {
            json.WriteString("change", rule.Change == RuleChange.None ? null : rule.Change.ToString().ToLowerInvariant());
            json.WriteString("levelBefore", rule.Before?.Level.Word());
            Write(json, "before", rule.AlertsBefore);
            Write(json, "onlyNow", rule.OnlyAfter);
            Write(json, "onlyBefore", rule.OnlyBefore);
        }
        json.WriteNumber("actorCount", rule.ActorCount);
        json.WriteArray(
            "actors",
            rule.Actors,
            actor =>
            {
                json.WriteString("actor", actor.Actor);
                json.WriteNumber("alerts", actor.Alerts);
                if (compares)
                    json.WriteNumber("before", actor.Before);
            }
        );
    }

    private static void Write(Utf8JsonWriter json, string name, Volume volume)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", volume.Alerts);
        json.WriteNumber("least", volume.Least);
        json.WriteNumber("median", volume.Median);
        json.WriteNumber("most", volume.Most);
        json.WriteString("mostOn", volume.MostOn is { } day ? BacktestWords.Day(day) : null);
        json.WriteStartObject("byDay");
        foreach (var (on, count) in volume.ByDay)
            json.WriteNumber(BacktestWords.Day(on), count);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Difference difference)
    {
        json.WriteStartObject(name);
        json.WriteNumber("events", difference.Events);
        json.WriteArray(
            "rows",
            difference.Rows,
            row =>
            {
                json.WriteString("actor", row.Actor);
                json.WriteString("day", row.Day is { } day ? BacktestWords.Day(day) : null);
                json.WriteNumber("events", row.Events);
                json.WriteStartObject("first");
                AlertLines.Write(json, row.First);
                json.WriteEndObject();
            }
        );
        json.WriteEndObject();
    }
}
