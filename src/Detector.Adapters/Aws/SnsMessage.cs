using System.Text;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Adapters.Aws;

/// <summary>
/// An alert as SNS fans it out: words for people (<c>email</c>), one line for phones (<c>sms</c>), and for all others, which are machines, the alert's JSON in an
/// envelope with the version of its form (<c>default</c>, once, because all bodies together have 256 KB).
/// </summary>
internal static class SnsMessage
{
    /// <summary>The form of the machines' body. Changes when a reader of the old form could no longer read the new one.</summary>
    public const string Schema = "detector.message/1";

    /// <summary>SNS: "less than 100 characters".</summary>
    public const int MaxSubject = 99;

    /// <summary>One text message of the GSM alphabet; more would be billed and sent as several.</summary>
    public const int MaxSms = 140;

    private const string CutMark = "...";
    private const int LongText = 32 * 1024;

    /// <param name="topicArn">Which topic.</param>
    /// <param name="dispatch">What to tell.</param>
    /// <param name="now">The time of telling, from which the delay is counted.</param>
    /// <param name="context">What is known besides: told to people.</param>
    public static TopicMessage Of(string topicArn, Dispatch dispatch, DateTimeOffset now, AlertContext? context = null)
    {
        var (alert, known) = (dispatch.Alert, context ?? AlertContext.None);
        var (line, sms) = (PlainText.Line(alert, known), Sms(alert, known));
        var attributes = SnsAttributes.Of(alert);
        var room = TopicMessage.MaxBytes - attributes.Sum(attribute => attribute.Size);
        var bodies = Bodies(dispatch, alert, cut: false, sms, now, known);
        // An alert for thousands of events, or with a very long text, is cut until it fits.
        for (
            var (events, text) = (Math.Max(alert.Events.Count * 3 / 4, 1), LongText);
            bodies.Length > room && text > 4;
            (events, text) = (Math.Max(events * 3 / 4, 1), text * 3 / 4)
        )
            bodies = Bodies(dispatch, AlertCut.Shorten(alert, events, text), cut: true, sms, now, known);
        return new TopicMessage(topicArn, Ascii(line, MaxSubject), Encoding.UTF8.GetString(bodies), attributes)
        {
            Fifo = Fifo(topicArn, alert.Facts.Account, dispatch.Resent == 0 ? alert.Id.Value : $"{alert.Id}-{dispatch.Resent}"),
        };
    }

    /// <summary>A digest: words for people, and for machines every alert of it by its id.</summary>
    public static TopicMessage Of(string topicArn, Digest digest)
    {
        var line = DigestText.Line(digest);
        var attributes = SnsAttributes.Of(digest);
        var room = TopicMessage.MaxBytes - attributes.Sum(attribute => attribute.Size);
        var bodies = Bodies(digest, line, 1_000, 200);
        // Every rule and actor stays; of ids and long names as much as there is room for.
        for (var (ids, name) = (250, 100); bodies.Length > room && ids > 0; (ids, name) = (ids / 4, Math.Max(name / 2, 32)))
            bodies = Bodies(digest, line, ids, name);
        return new TopicMessage(topicArn, Ascii(line, MaxSubject), Encoding.UTF8.GetString(bodies), attributes)
        {
            Fifo = Fifo(topicArn, null, digest.Id.Value),
        };
    }

    private static byte[] Bodies(Digest digest, string line, int ids, int name)
    {
        var json = TerseJson.Write(writer => DigestText.Write(writer, digest, ids, name));
        return Bodies(DigestText.Body(digest, name), Ascii(line, MaxSms), json);
    }

    /// <summary>
    /// Alerts of an account stay in order. Only a FIFO topic takes a place, and refuses a message without. SNS takes the same deduplication once in five minutes:
    /// right for a send that is repeated after a crash, and wrong for one that somebody asked for, so that has one of its own.
    /// </summary>
    private static FifoPlace? Fifo(string topicArn, string? account, string deduplication) =>
        SnsSink.IsFifo(topicArn)
            ? new FifoPlace(account is { Length: > 0 and <= 32 } && account.All(char.IsAsciiLetterOrDigit) ? account : "none", deduplication)
            : null;

    private static byte[] Bodies(Dispatch dispatch, Alert alert, bool cut, string sms, DateTimeOffset now, AlertContext known)
    {
        var text = PlainText.Body(alert, now, dispatch.Suppressed, known) + (cut ? $"\n[cut to fit: detector alerts show {alert.Id} tells the rest]\n" : "");
        return Bodies(text, sms, Machine(dispatch, alert, cut));
    }

    /// <summary>What each protocol's subscribers get.</summary>
    private static byte[] Bodies(string text, string sms, byte[] json) =>
        TerseJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("default", json);
            writer.WriteString("email", text);
            writer.WriteString("sms", sms);
            writer.WriteEndObject();
        });

    private static byte[] Machine(Dispatch dispatch, Alert alert, bool cut) =>
        TerseJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("schema", Schema);
            writer.WriteNumber("suppressed", dispatch.Suppressed);
            writer.WriteBoolean("cut", cut);
            writer.WriteNumber("events", dispatch.Alert.Events.Count);
            writer.WritePropertyName("alert");
            writer.WriteRawValue(AlertJson.Write(alert));
            writer.WriteEndObject();
        });

    /// <summary>
    /// How bad, what rule, who, which call, where, and the alert's id to look it up by. Each part as short as it must be for all of them to have room: a long name
    /// does not push out what was done, or where.
    /// </summary>
    private static string Sms(Alert alert, AlertContext known)
    {
        var roomy = Sms(alert, known, title: 60, name: 40);
        return roomy.Length <= MaxSms ? roomy : Ascii(Sms(alert, known, title: 35, name: 19), MaxSms);
    }

    private static string Sms(Alert alert, AlertContext known, int title, int name)
    {
        const int Place = 14;
        const int ShortId = 8;
        var (rule, facts) = (alert.Rule, alert.Facts);
        // Who stands behind a session, if that is known: an ARN's end tells it.
        var actor = facts.Behind?.Actor ?? facts.Actor;
        var who = ActorName.Of(actor)?.Name ?? actor ?? alert.Group;
        string[] parts =
        [
            PlainText.Brief(who, name),
            PlainText.Brief(facts.EventName, name) + (facts.ErrorCode is null ? "" : " failed"),
            PlainText.Brief(known.AccountName is { Length: > 0 } called ? called : facts.Account, Place),
        ];
        var what = string.Join(", ", parts.Where(part => part.Length > 0));
        var level = rule.Level is Level.Informational ? "INFO" : rule.Level.Word().ToUpperInvariant();
        var text = $"{level} {PlainText.Clean(rule.Title, title)}{(what.Length > 0 ? ": " : "")}{what} {PlainText.Brief(facts.Region, Place)}";
        return Ascii($"{text.TrimEnd()} #{alert.Id.Value[..Math.Min(ShortId, alert.Id.Value.Length)]}", int.MaxValue);
    }

    private static string Ascii(string text, int max)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.Replace("…", CutMark, StringComparison.Ordinal).EnumerateRunes())
            clean.Append(rune is { IsAscii: true, Value: >= ' ' and < 0x7f } ? (char)rune.Value : '?');
        return clean.Length <= max ? clean.ToString() : clean.ToString(0, max - CutMark.Length) + CutMark;
    }
}
