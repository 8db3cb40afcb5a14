using System.Text.Json;
using Detector.Core.Detection.Surveys;
using Detector.Core.Rules;

namespace Detector.App.Practices;

/// <summary>A scorecard as one JSON object, for programs. Its form is documented in docs/practices.md, and only ever grows.</summary>
internal static class ScorecardJson
{
    /// <summary>Writes it on one line.</summary>
    public static void Write(TextWriter output, Scorecard card) => JsonOut.Write(output, json => Write(json, card));

    private static void Write(Utf8JsonWriter json, Scorecard card)
    {
        json.WriteString("made", Times.Exact(card.Made));
        json.WriteStartObject("asked");
        json.WriteString("from", Times.Exact(card.Scope.Within.From));
        json.WriteString("to", Times.Exact(card.Scope.Within.To));
        json.WriteTexts("accounts", card.Scope.Places.Accounts);
        json.WriteTexts("regions", card.Scope.Places.Regions);
        json.WriteBoolean("credentialReport", card.Scope.Seeds.Contains(Seed.CredentialReport));
        json.WriteBoolean("keyPairs", card.Scope.Seeds.Contains(Seed.KeyPairs));
        json.WriteEndObject();
        json.WriteStartObject("archive");
        Archive(json, card);
        json.WriteEndObject();
        json.WriteStartObject("summary");
        foreach (var verdict in Enum.GetValues<Verdict>())
            json.WriteNumber(Key(verdict), card.Rows.Count(row => row.Verdict == verdict));
        json.WriteEndObject();
        json.WriteArray("practices", card.Rows, row => Write(json, row));
    }

    private static void Archive(Utf8JsonWriter json, Scorecard card)
    {
        json.WriteNumber("files", card.Files);
        json.WriteStartObject("records");
        Counts(json, card.Survey.Total);
        json.WriteEndObject();
        json.WriteString("first", Times.Exact(card.Survey.First));
        json.WriteString("last", Times.Exact(card.Survey.Last));
        json.WriteNumber("days", card.Survey.Days);
        json.WriteArray(
            "accounts",
            card.Survey.Accounts.Order(StringComparer.Ordinal),
            account =>
            {
                json.WriteString("account", account);
                json.WriteArray(
                    "sources",
                    card.Survey.Sources(account).OrderBy(source => source.Key, StringComparer.Ordinal),
                    source =>
                    {
                        json.WriteString("eventSource", source.Key);
                        Counts(json, source.Value);
                    }
                );
            }
        );
        json.WriteArray(
            "regions",
            card.Survey.Regions.OrderBy(region => region.Key, StringComparer.Ordinal),
            region =>
            {
                json.WriteString("region", region.Key);
                json.WriteNumber("all", region.Value);
            }
        );
        json.WriteNumber("rules", card.Rules);
        json.WriteNumber("alerts", card.Alerts);
        json.WriteNumber("alertsOfNoPractice", card.Unassigned);
        json.WriteNumber("losses", card.Losses);
        json.WriteString("stopped", card.Stopped);
    }

    private static void Write(Utf8JsonWriter json, PracticeRow row)
    {
        json.WriteString("practice", row.Practice.Slug);
        json.WriteString("title", row.Practice.Title);
        json.WriteString("verdict", Key(row.Verdict));
        json.WriteString("sureness", row.Sureness.Word());
        json.WriteString("why", row.Why);
        json.WriteString("level", row.Level?.Word());
        json.WriteNumber("alerts", row.Alerts);
        json.WriteString("first", Times.Exact(row.First));
        json.WriteString("last", Times.Exact(row.Last));
        json.WriteArray("findings", row.Findings, finding => Write(json, finding));
        json.WriteArray("evidence", row.Evidence, evidence => Write(json, evidence));
        json.WriteString("restsOn", row.RestsOn);
        json.WriteArray(
            "gaps",
            row.Gaps,
            gap =>
            {
                json.WriteString("missing", gap.Missing);
                json.WriteString("needed", gap.Needed);
            }
        );
        json.WriteString("neverShown", row.Practice.Unseen);
        json.WriteString("nearest", row.Practice.Proxy);
        json.WriteString("elsewhere", row.Practice.Elsewhere);
    }

    private static void Write(Utf8JsonWriter json, RuleFinding finding)
    {
        json.WriteString("rule", finding.Rule);
        json.WriteString("title", finding.Title);
        json.WriteString("level", finding.Level.Word());
        json.WriteString("weight", finding.Weight.Word());
        json.WriteNumber("alerts", finding.Alerts);
        json.WriteString("first", Times.Exact(finding.First));
        json.WriteString("last", Times.Exact(finding.Last));
    }

    private static void Write(Utf8JsonWriter json, Evidence evidence)
    {
        json.WriteString("alertId", evidence.AlertId);
        json.WriteString("rule", evidence.Rule);
        json.WriteString("level", evidence.Level.Word());
        json.WriteString("eventID", evidence.Event.EventId);
        json.WriteString("eventTime", Times.Exact(evidence.Event.EventTime));
        json.WriteString("eventName", evidence.Facts.EventName);
        json.WriteString("errorCode", evidence.Facts.ErrorCode);
        json.WriteString("actor", evidence.Facts.Actor);
        json.WriteString("sourceIPAddress", evidence.Facts.SourceAddress);
        json.WriteString("account", evidence.Facts.Account);
        json.WriteString("region", evidence.Facts.Region);
        json.WriteTexts("targets", evidence.Facts.Targets);
        json.WriteNumber("events", evidence.Events);
        json.WriteString("file", evidence.Event.File);
        json.WriteNumber("index", evidence.Event.Index);
    }

    private static string Key(Verdict verdict) => JsonNamingPolicy.CamelCase.ConvertName(verdict.ToString());

    private static void Counts(Utf8JsonWriter json, RecordCounts counts)
    {
        json.WriteNumber("all", counts.All);
        json.WriteNumber("writes", counts.Writes);
        json.WriteNumber("reads", counts.Reads);
        json.WriteNumber("data", counts.Data);
        json.WriteNumber("others", counts.Others);
    }
}
