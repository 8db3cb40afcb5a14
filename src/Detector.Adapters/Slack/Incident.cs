using System.Globalization;
using System.Text.Json;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>
/// An incident: alerts of one rule about one subject (the alert's group, else its actor) in one account, none of which happened more than a period after the one
/// before it. One message stands for it in a channel, and the further alerts are in that message's thread. After a day it begins anew: a message that is older is not
/// seen. So it does in another channel when the configuration names one.
/// </summary>
internal static class Incident
{
    /// <summary>How long an incident may last.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Where the ledger keeps the incident that an alert may belong to.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="channel">The channel that is posted to, as the configuration names it.</param>
    public static string KeyOf(Alert alert, string channel) =>
        "incident " + AlertId.Of(alert.Rule.Id, alert.Group ?? alert.Facts.Actor ?? "", alert.Facts.Account ?? "", channel).Value;

    /// <summary>Where the ledger keeps that an alert was told; each time that somebody has it sent again is a telling of its own.</summary>
    public static string KeyOf(Dispatch dispatch) =>
        dispatch.Resent == 0 ? $"alert {dispatch.Alert.Id}" : string.Create(CultureInfo.InvariantCulture, $"alert {dispatch.Alert.Id} again {dispatch.Resent}");

    /// <summary>Where the ledger keeps that a digest was told.</summary>
    public static string KeyOfDigest(AlertId digest) => $"digest {digest}";

    /// <summary>Whether an alert belongs to it, by the time of its newest event; one without a time belongs to whatever there is.</summary>
    public static bool Has(this IncidentNote incident, Alert alert, TimeSpan period)
    {
        if (alert.Time is not { } time || incident is not { From: { } from, To: { } to })
            return true;
        var (first, last) = (time < from ? time : from, time > to ? time : to);
        return time >= from - period && time <= to + period && last - first <= Longest;
    }

    /// <summary>Whether an alert that does not belong to it is older: it then gets a message of its own and leaves the incident as it is.</summary>
    public static bool IsAfter(this IncidentNote incident, Alert alert) => alert.Time is { } time && incident.From is { } from && time < from;

    /// <summary>The incident that begins with an alert.</summary>
    public static IncidentNote Begin(Dispatch dispatch, SlackReply posted, SlackPayload head) =>
        new(posted.Channel!, posted.Ts!, dispatch.Alert.Time, dispatch.Alert.Time, 1, EventsOf(dispatch), head with { Channel = null });

    /// <summary>The incident with one more alert; with no more of one that was told before.</summary>
    public static IncidentNote With(this IncidentNote incident, Dispatch dispatch)
    {
        if (dispatch.Resent > 0)
            return incident;
        var time = dispatch.Alert.Time;
        return incident with
        {
            From = incident.From is null || time < incident.From ? time ?? incident.From : incident.From,
            To = incident.To is null || time > incident.To ? time ?? incident.To : incident.To,
            Alerts = incident.Alerts + 1,
            Events = incident.Events + EventsOf(dispatch),
            Digested = incident.Digested + (dispatch.Digest is null ? 0 : 1),
        };
    }

    public static string Write(this IncidentNote incident) => JsonSerializer.Serialize(incident, SlackJsonContext.Default.IncidentNote);

    /// <summary>Null for nothing, and for what another version wrote and this one cannot read.</summary>
    public static IncidentNote? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, SlackJsonContext.Default.IncidentNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static long EventsOf(Dispatch dispatch) => dispatch.Alert.Events.Count + dispatch.Suppressed;
}

/// <summary>What the ledger keeps of an incident.</summary>
/// <param name="Channel">The id of the channel.</param>
/// <param name="Ts">The timestamp of its first message, which names it.</param>
/// <param name="From">The time of its oldest alert.</param>
/// <param name="To">The time of its newest.</param>
/// <param name="Alerts">How many there are.</param>
/// <param name="Events">How many events stand behind them.</param>
/// <param name="Head">The first message as it was first told.</param>
/// <param name="Digested">How many of the alerts were told in digests.</param>
internal sealed record IncidentNote(
    string Channel,
    string Ts,
    DateTimeOffset? From,
    DateTimeOffset? To,
    long Alerts,
    long Events,
    SlackPayload Head,
    long Digested = 0
);
