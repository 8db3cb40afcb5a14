using System.Globalization;
using System.Text;
using System.Text.Json;
using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Adapters.Aws;

/// <summary>
/// A digest in words, and as JSON. Every rule and actor is named, and what a caller chose passes <see cref="PlainText.Clean"/>. A digest has a bounded number of
/// both, so it fits; of ids people get the first few of each actor and the command that lists the rest, machines get all.
/// </summary>
internal static class DigestText
{
    /// <summary>The form of the machines' body.</summary>
    public const string Schema = "detector.digest/1";

    private const int MaxTitle = 200;
    private const int MaxIds = 3;
    private const int ShortId = 8;

    /// <summary>How bad, how many and what, on one line.</summary>
    public static string Line(Digest digest) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"[{digest.Level.Word()}] {digest.Members.Count} alerts together: {string.Join(", ", digest.Rules.Select(rule => $"{rule.Count} {PlainText.Clean(rule.Rule.Title, MaxTitle)}"))}"
        );

    /// <summary>The whole digest for a person; no name is longer than a number of characters.</summary>
    public static string Body(Digest digest, int name)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{digest.Members.Count} ALERTS TOGETHER: so many came at once that they are not told one by one.\n");
        if (digest.Times is var (first, last))
            text.Append(CultureInfo.InvariantCulture, $"From {first.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {last.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC\n");
        foreach (var rule in digest.Rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{rule.Count} x {rule.Rule.Level.Word()}: {PlainText.Clean(rule.Rule.Title, name)}\n");
            foreach (var actor in rule.Actors)
                text.Append(CultureInfo.InvariantCulture, $"  {actor.Alerts.Count} x {Unlinked.Of(Name(actor, name))} ({Ids(actor.Alerts)})\n");
        }
        return text.Append(CultureInfo.InvariantCulture, $"\nAll of them: detector alerts list --digest {digest.Id}\n").ToString();
    }

    /// <summary>The digest as one JSON object, with so many ids of each actor at most; <c>more</c> tells how many are left out.</summary>
    public static void Write(Utf8JsonWriter json, Digest digest, int ids, int name)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("digest", digest.Id.Value);
        json.WriteString("level", digest.Level.Word());
        json.WriteNumber("count", digest.Members.Count);
        json.WriteStartArray("rules");
        foreach (var rule in digest.Rules)
        {
            json.WriteStartObject();
            json.WriteString("id", PlainText.Clean(rule.Rule.Id, name));
            json.WriteString("name", PlainText.Clean(rule.Rule.Name, name));
            json.WriteString("level", rule.Rule.Level.Word());
            json.WriteNumber("count", rule.Count);
            json.WriteStartArray("actors");
            foreach (var actor in rule.Actors)
            {
                json.WriteStartObject();
                json.WriteString("actor", Name(actor, name));
                json.WriteStartArray("alerts");
                foreach (var alert in actor.Alerts.Take(ids))
                    json.WriteStringValue(alert.Id.Value);
                json.WriteEndArray();
                json.WriteNumber("more", Math.Max(0, actor.Alerts.Count - ids));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Name(DigestActor actor, int longest) => PlainText.Clean(actor.Actor, longest) is { Length: > 0 } name ? name : "nobody named";

    private static string Ids(IReadOnlyList<Alert> alerts)
    {
        var shown = string.Join(", ", alerts.Take(MaxIds).Select(alert => alert.Id.Value[..Math.Min(ShortId, alert.Id.Value.Length)]));
        return alerts.Count > MaxIds ? string.Create(CultureInfo.InvariantCulture, $"{shown} and {alerts.Count - MaxIds} more") : shown;
    }
}
