using Detector.Adapters.Enrichers;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>
/// Posts alerts to a channel as a bot: one message per <see cref="Incident"/>, further alerts in its thread, and the first message with a running count. Where
/// messages lie and what was counted is noted in the ledger, both at once, so a crash neither loses an alert nor counts one twice; one between Slack's taking a
/// message and the note repeats that one message.
/// </summary>
public sealed class SlackBotSink : IDigestSink, IDisposable
{
    private const int Tries = 5;

    /// <summary>So many incidents show at once what a digest adds to their count; the others do with their next alert. Slack takes 50 changes a minute.</summary>
    private const int MostShown = 10;

    private readonly SlackBotOptions _options;
    private readonly ILedger _ledger;
    private readonly TimeProvider _clock;
    private readonly Enrichment _enrichment;
    private readonly SlackHttp _http;
    private readonly SlackApi _api;

    /// <param name="options">Where to, and as whom.</param>
    /// <param name="ledger">Keeps the notes.</param>
    /// <param name="clock">Tells how late an alert is, and measures the time limit.</param>
    /// <param name="enrichment">Finds out what is told besides.</param>
    public SlackBotSink(SlackBotOptions options, ILedger ledger, TimeProvider clock, Enrichment enrichment)
        : this(options, ledger, clock, enrichment, null) { }

    internal SlackBotSink(SlackBotOptions options, ILedger ledger, TimeProvider clock, Enrichment enrichment, HttpMessageHandler? handler)
    {
        _options = options;
        _ledger = ledger;
        _clock = clock;
        _enrichment = enrichment;
        _http = new SlackHttp(clock, handler);
        _api = new SlackApi(_http, options.Api ?? SlackBotOptions.SlacksOwn, options.Token, clock);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    /// <remarks>Slack takes about one message a second for a channel; and what belongs into a thread waits for the message that it belongs to.</remarks>
    public int Concurrency => 1;

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
    {
        // Posted and noted before a crash.
        if (await _ledger.RecallAsync(Name, Incident.KeyOf(dispatch), cancellation) is not null)
            return SinkAnswer.Delivered;
        var context = await _enrichment.OfAsync(dispatch.Alert, cancellation);
        for (var tried = 0; tried < Tries; tried++)
        {
            var note = await RecallAsync(dispatch, cancellation);
            var incident = Incident.Read(note);
            var answer =
                incident is not null && incident.Has(dispatch.Alert, _options.Period)
                    ? await ReplyAsync(dispatch, context, incident, note, cancellation)
                    : await BeginAsync(dispatch, context, incident, note, cancellation);
            if (answer is { } known)
                return known;
        }
        return SinkAnswer.Retry("other instances told of the same incident at the same time");
    }

    /// <inheritdoc/>
    /// <remarks>It stands in the channel. Incidents that are open go on: what it tells of them is counted there.</remarks>
    public async ValueTask<SinkAnswer> SendDigestAsync(Digest digest, CancellationToken cancellation)
    {
        var key = Incident.KeyOfDigest(digest.Id);
        // Posted and noted before a crash.
        if (await _ledger.RecallAsync(Name, key, cancellation) is not null)
            return SinkAnswer.Delivered;
        var message = SlackDigest.Render(digest) with { Channel = _options.Channel, Metadata = SlackMetadata.OfDigest(digest.Id) };
        var posted = await CallAsync("chat.postMessage", message, cancellation);
        if (posted.Ts is not { } ts)
            return posted.Answer;
        var told = new SinkNote(key, null, ts);
        for (var tried = 0; tried < Tries; tried++)
        {
            var counted = await CountedAsync(digest);
            if (await _ledger.NoteAsync(Name, [told, .. counted.Select(one => one.Note)], CancellationToken.None))
            {
                foreach (var (_, incident) in counted.OrderByDescending(one => one.Incident.Digested).Take(MostShown))
                    await ShowCountAsync(incident, cancellation);
                return SinkAnswer.Delivered;
            }
        }
        // Others count without a pause: rather a count that is too low than a digest told twice.
        await _ledger.NoteAsync(Name, [told], CancellationToken.None);
        return SinkAnswer.Delivered;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The open incidents that a digest has alerts of, with these counted, and the notes of that.</summary>
    private async ValueTask<List<(SinkNote Note, IncidentNote Incident)>> CountedAsync(Digest digest)
    {
        var counted = new List<(SinkNote, IncidentNote)>();
        foreach (var members in digest.Members.GroupBy(member => KeyOf(member.Alert), StringComparer.Ordinal))
        {
            var note = await _ledger.RecallAsync(Name, members.Key, CancellationToken.None);
            if (Incident.Read(note) is not { } before)
                continue;
            var after = members.Aggregate(before, (incident, member) => incident.Has(member.Alert, _options.Period) ? incident.With(member) : incident);
            if (after.Alerts > before.Alerts)
                counted.Add((new SinkNote(members.Key, note, after.Write()), after));
        }
        return counted;
    }

    private string KeyOf(Alert alert) => Incident.KeyOf(alert, _options.Channel);

    private ValueTask<string?> RecallAsync(Dispatch dispatch, CancellationToken cancellation) => _ledger.RecallAsync(Name, KeyOf(dispatch.Alert), cancellation);

    /// <summary>Posts the first message of an incident. Null if another instance was faster, whose incident this alert then belongs to.</summary>
    private async ValueTask<SinkAnswer?> BeginAsync(Dispatch dispatch, AlertContext context, IncidentNote? other, string? note, CancellationToken cancellation)
    {
        var head = SlackMessage.Render(dispatch, _clock.GetUtcNow(), context);
        var posted = await PostAsync(dispatch, head, _options.Channel, cancellation);
        if (posted is not { Channel: { } channel, Ts: { } ts })
            return posted.Answer;
        var told = new SinkNote(Incident.KeyOf(dispatch), null, ts);
        SinkNote[] notes =
            other is not null && other.IsAfter(dispatch.Alert)
                ? [told]
                : [told, new SinkNote(KeyOf(dispatch.Alert), note, Incident.Begin(dispatch, posted, head).Write())];
        if (await _ledger.NoteAsync(Name, notes, CancellationToken.None))
            return SinkAnswer.Delivered;
        await _api.CallAsync("chat.delete", new SlackPayload("", []) { Channel = channel, Ts = ts }.ToJson(), CancellationToken.None);
        return null;
    }

    /// <summary>
    /// Shows the count, posts into the thread, then notes both. Shown first, because that tells whether the first message is still there. Null if it is not: a thread
    /// below a message that somebody deleted is not seen, so the incident begins anew.
    /// </summary>
    private async ValueTask<SinkAnswer?> ReplyAsync(
        Dispatch dispatch,
        AlertContext context,
        IncidentNote incident,
        string? note,
        CancellationToken cancellation
    )
    {
        var counted = incident.With(dispatch);
        var shown = await ShowCountAsync(counted, cancellation);
        if (shown.Trouble is SlackTrouble.Gone)
            return await ForgetAsync(dispatch, note);
        if (shown.Ts is null)
            return shown.Answer;
        var reply = SlackMessage.RenderReply(dispatch, dispatch.Resent > 0 ? null : counted.Alerts, _clock.GetUtcNow(), context);
        var posted = await PostAsync(dispatch, reply with { ThreadTs = incident.Ts }, incident.Channel, cancellation);
        if (posted.Trouble is SlackTrouble.Gone)
            return await ForgetAsync(dispatch, note);
        return posted.Ts is { } ts ? await CountAsync(dispatch, counted, note, ts, cancellation) : posted.Answer;
    }

    /// <summary>Notes that the alert stands in the thread. Another instance may have counted meanwhile: then its count is the one to add to, and to show.</summary>
    private async ValueTask<SinkAnswer> CountAsync(Dispatch dispatch, IncidentNote counted, string? note, string ts, CancellationToken cancellation)
    {
        var (alert, incident) = (Incident.KeyOf(dispatch), KeyOf(dispatch.Alert));
        var shown = counted;
        for (var tried = 0; tried < Tries; tried++)
        {
            if (await _ledger.NoteAsync(Name, [new SinkNote(alert, null, ts), new SinkNote(incident, note, counted.Write())], CancellationToken.None))
                return counted.Alerts == shown.Alerts ? SinkAnswer.Delivered : (await ShowCountAsync(counted, cancellation)).Answer;
            note = await RecallAsync(dispatch, CancellationToken.None);
            counted = (Incident.Read(note) ?? counted).With(dispatch);
        }
        return SinkAnswer.Retry("other instances counted at the same time");
    }

    private async ValueTask<SinkAnswer?> ForgetAsync(Dispatch dispatch, string? note)
    {
        await _ledger.NoteAsync(Name, [new SinkNote(KeyOf(dispatch.Alert), note, "")], CancellationToken.None);
        return null;
    }

    private ValueTask<SlackReply> ShowCountAsync(IncidentNote incident, CancellationToken cancellation)
    {
        var head = SlackMessage.WithCount(incident.Head, incident.Alerts, incident.Events, incident.To, incident.Digested) with
        {
            Channel = incident.Channel,
            Ts = incident.Ts,
        };
        return CallAsync("chat.update", head, cancellation);
    }

    /// <summary>Posts a message of an alert.</summary>
    private ValueTask<SlackReply> PostAsync(Dispatch dispatch, SlackPayload message, string channel, CancellationToken cancellation) =>
        CallAsync("chat.postMessage", message with { Channel = channel, Metadata = SlackMetadata.Of(dispatch.Alert.Id) }, cancellation);

    /// <summary>Sends a message; if Slack does not like its form, its text alone: an alert that is refused is lost.</summary>
    private async ValueTask<SlackReply> CallAsync(string method, SlackPayload message, CancellationToken cancellation)
    {
        var reply = await _api.CallAsync(method, message.ToJson(), cancellation);
        return reply.Trouble is SlackTrouble.Content ? await _api.CallAsync(method, message.TextAlone.ToJson(), cancellation) : reply;
    }
}

/// <summary>A bot and its channel.</summary>
/// <param name="Name">The sink's name.</param>
/// <param name="Token">The bot's token, a secret.</param>
/// <param name="Channel">The channel's id, or its name.</param>
/// <param name="Period">How far apart alerts of one incident may be.</param>
/// <param name="Api">Where Slack's Web API is; null for Slack's own.</param>
public sealed record SlackBotOptions(string Name, string Token, string Channel, TimeSpan Period, Uri? Api = null)
{
    /// <summary>Where Slack's Web API is.</summary>
    public static Uri SlacksOwn { get; } = new("https://slack.com/api/");

    /// <inheritdoc/>
    public override string ToString() => $"{Name} in {Channel}";
}
