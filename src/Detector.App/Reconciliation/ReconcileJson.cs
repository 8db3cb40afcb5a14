using System.Text.Json;
using Detector.App.Integrity;
using Detector.App.Replays;
using Detector.Core.Reconciliation;

namespace Detector.App.Reconciliation;

/// <summary>A comparison, for programs.</summary>
internal static class ReconcileJson
{
    /// <summary>Writes what is inside the braces of an object.</summary>
    public static void Write(Utf8JsonWriter json, Reconciled reconciled)
    {
        var comparison = reconciled.Comparison;
        json.WriteString("ledgerBegan", Times.Exact(reconciled.Seen.Began));
        json.WriteNumber("records", reconciled.Outcome.Stats.Records);
        json.WriteArray(
            "kinds",
            comparison.Kinds,
            count =>
            {
                json.WriteString("kind", Key(count.Kind));
                json.WriteNumber("came", count.Came);
                json.WriteNumber("missed", count.Missed);
                json.WriteBoolean("shouldHaveCome", count.ShouldHaveCome);
                json.WriteString("why", MissedKinds.Why(count));
            }
        );
        json.WriteArray(
            "silentPlaces",
            comparison.SilentPlaces,
            place =>
            {
                json.WriteString("account", place.Account);
                json.WriteString("region", place.Region);
                json.WriteNumber("missed", place.Missed);
            }
        );
        json.WriteArray("missed", comparison.Kinds.SelectMany(count => comparison.Missed(count.Kind)), missed => Write(json, missed));
        json.WriteArray(
            "alerts",
            reconciled.Missed,
            one =>
            {
                AlertLines.Write(json, one.Alert);
                json.WriteBoolean("told", one.Known);
            }
        );
        if (reconciled.Sent is { } sent)
            json.WriteNumber("sent", sent);
        if (reconciled.Integrity is not { } integrity)
            return;
        json.WriteStartObject("integrity");
        IntegrityLines.WriteJson(json, integrity);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MissedEvent missed)
    {
        json.WriteString("kind", Key(missed.Kind));
        json.WriteString("eventTime", Times.Exact(missed.EventTime));
        json.WriteString("eventSource", missed.EventSource);
        json.WriteString("eventName", missed.EventName);
        json.WriteString("eventID", missed.EventId);
        json.WriteString("account", missed.Account);
        json.WriteString("region", missed.Region);
        json.WriteString("actor", missed.Actor);
        json.WriteString("file", missed.File);
        json.WriteNumber("index", missed.Index);
    }

    private static string Key(MissedKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
