using System.Globalization;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Rules;

namespace Detector.Adapters.Slack;

/// <summary>
/// An alert as a Slack message that is understood in three seconds: the header tells how bad and what, three lines tell who did what to whom, then what to do first;
/// then the columns from where, in which account, when; then the rest in small print. Values from events are code spans (see <see cref="Mrkdwn"/>), a rule's own
/// sentences are plain text.
/// </summary>
internal static class SlackMessage
{
    /// <summary>
    /// Slack's own limit for the blocks of a message is near 13,000 characters, and not documented. What is least needed is left out, with a word, to stay below.
    /// </summary>
    public const int MaxSize = 12_000;

    private const int MaxSentences = 600;
    private const int MaxTargets = 6;
    private const int MaxColumn = 120;
    private const int MaxEventIds = 3;
    private const int MaxSteps = 4;
    private const int MaxStep = 220;
    private const int MaxCalls = 5;
    private const int ShortId = 8;

    /// <param name="dispatch">What to tell.</param>
    /// <param name="now">The time of telling, from which the delay is counted.</param>
    /// <param name="context">What is known besides.</param>
    public static SlackPayload Render(Dispatch dispatch, DateTimeOffset now, AlertContext? context = null)
    {
        var (alert, rule, known) = (dispatch.Alert, dispatch.Alert.Rule, context ?? AlertContext.None);
        List<SlackBlock> needed =
        [
            SlackBlock.Header($"{Emoji(rule.Level)} {Severity(rule.Level)} · {rule.Title}"),
            SlackBlock.Section(SlackText.Marked(WhoDidWhat(alert.Facts))),
        ];
        if (!IsBlank(rule.FirstStep))
            needed.Add(SlackBlock.Section(SlackText.Plain($"👉 Do first: {rule.FirstStep}", MaxSentences)));
        needed.Add(SlackBlock.Columns(Columns(alert, known, now).Select(SlackText.Marked)));
        var last = SlackBlock.Context(SmallPrint(dispatch, known).Select(SlackText.Marked));
        return new SlackPayload(Notification(alert, known).ToString(), Fitted(needed, [.. Further(alert, known)], last));
    }

    /// <summary>What a reader of a thread needs of a further alert: what is different from the first, and its ids.</summary>
    /// <param name="dispatch">What to tell.</param>
    /// <param name="number">Which one of its incident it is; null for one that was told before.</param>
    /// <param name="now">The time of telling.</param>
    /// <param name="context">What is known besides.</param>
    public static SlackPayload RenderReply(Dispatch dispatch, long? number, DateTimeOffset now, AlertContext? context = null)
    {
        var (alert, known) = (dispatch.Alert, context ?? AlertContext.None);
        List<SlackBlock> needed =
        [
            SlackBlock.Section(SlackText.Marked($"{Which(number)}\n{WhoDidWhat(alert.Facts)}")),
            SlackBlock.Columns(Columns(alert, known, now).Select(SlackText.Marked)),
        ];
        var last = SlackBlock.Context(SmallPrint(dispatch, known).Select(SlackText.Marked));
        return new SlackPayload(Notification(alert, known).ToString(), Fitted(needed, [.. News(known), .. CallsAround(known)], last));
    }

    /// <summary>The first message of an incident with its running count, which stands below the header.</summary>
    /// <param name="first">The message as it was first told.</param>
    /// <param name="alerts">Alerts of the incident so far.</param>
    /// <param name="events">Events behind them, those that were not told one by one included.</param>
    /// <param name="newest">The newest event's time; null if none has one.</param>
    /// <param name="digested">How many of the alerts were told in digests.</param>
    public static SlackPayload WithCount(SlackPayload first, long alerts, long events, DateTimeOffset? newest, long digested = 0)
    {
        Mrkdwn count = $"🔁 *{alerts} alerts* of {events} events so far{Newest(newest)}: see the thread{Digested(digested)}";
        return first with
        {
            Text = SlackEscape.Cut($"({alerts.ToString(CultureInfo.InvariantCulture)} alerts) {first.Text}", Mrkdwn.Limit),
            Blocks = [first.Blocks[0], SlackBlock.Section(SlackText.Marked(count)), .. first.Blocks.Skip(1)],
        };
    }

    private static Mrkdwn Which(long? number)
    {
        if (number is not { } known)
            return $"*Told again*";
        return $"*Alert {known}*";
    }

    private static Mrkdwn? Newest(DateTimeOffset? time)
    {
        if (time is not { } newest)
            return null;
        return $", the newest {newest}";
    }

    private static Mrkdwn? Digested(long alerts)
    {
        if (alerts == 0)
            return null;
        return $", and for {alerts} of them the digests in this channel";
    }

    private static Mrkdwn Notification(Alert alert, AlertContext known)
    {
        var facts = alert.Facts;
        string?[] values =
        [
            PlainText.Actor(facts) ?? alert.Group,
            facts.EventName,
            facts.ErrorCode,
            facts.SourceAddress,
            known.AccountName,
            facts.Account,
            facts.Region,
        ];
        return $"{new Prose($"{Emoji(alert.Rule.Level)} {Severity(alert.Rule.Level)}: {alert.Rule.Title}")} {values}";
    }

    private static Mrkdwn WhoDidWhat(AlertFacts facts) =>
        $"*Who*  {PlainText.Actor(facts)}{Caller(facts)}{Behind(facts)}\n*Did*  {facts.EventName}{Service(facts)}{Result(facts)}{To(facts)}";

    /// <summary>The person, subject or instance that a session leads back to.</summary>
    private static Mrkdwn? Behind(AlertFacts facts)
    {
        if (facts.Behind is not { } chain)
            return null;
        return $"\n*Behind it*  {chain.Actor}";
    }

    private static Mrkdwn Caller(AlertFacts facts)
    {
        var type = new Prose(facts.ActorType ?? "type unknown");
        return facts.Mfa switch
        {
            "no" => $"  {type}, *no MFA*",
            "yes" => $"  {type}, MFA",
            // An absent answer is no "no".
            _ => $"  {type}, MFA not recorded",
        };
    }

    private static Mrkdwn? Service(AlertFacts facts)
    {
        const string Suffix = ".amazonaws.com";
        if (facts.EventSource is not { } source || IsBlank(source))
            return null;
        return $" in {(source.EndsWith(Suffix, StringComparison.Ordinal) ? source[..^Suffix.Length] : source)}";
    }

    private static Mrkdwn? Result(AlertFacts facts)
    {
        if (facts.EventName is null)
            return null;
        if (facts.ErrorCode is { } error)
            return $"  ⛔ *failed* {error}";
        return $", succeeded";
    }

    private static Mrkdwn? To(AlertFacts facts)
    {
        if (facts.Targets.Count == 0)
            return null;
        return $"\n*To*  {facts.Targets.Take(MaxTargets)}{More(facts.Targets.Count - MaxTargets)}";
    }

    private static IEnumerable<Mrkdwn> Columns(Alert alert, AlertContext known, DateTimeOffset now)
    {
        var facts = alert.Facts;
        yield return $"*From*\n{Cell(facts.SourceAddress)}{Place(known)}\n{(string[])[Cell(facts.UserAgent)]}";
        if (IsBlank(known.AccountName))
            yield return $"*Where*\n{Cell(facts.Account)} {Cell(facts.Region)}";
        else
            yield return $"*Where*\n{Cell(known.AccountName)}\n{Cell(facts.Account)} {Cell(facts.Region)}";
        yield return $"*When*\n{When(alert, now)}";
        if (!IsBlank(facts.AccessKeyId))
            yield return $"*Key*\n{Cell(facts.AccessKeyId)}";
        if (!IsBlank(alert.Group))
            yield return $"*Group*\n{Cell(alert.Group)}";
        if (alert.Events.Count > 1)
            yield return $"*Events*\n{alert.Events.Count}{Within(alert)}";
    }

    private static Mrkdwn? Place(AlertContext known)
    {
        if (known is { Place: null, Network: null })
            return null;
        return $"\n{(string?[])[Cell(known.Place), Cell(known.Network)]}";
    }

    private static string Cell(string? text) => PlainText.Clean(text, MaxColumn);

    private static Mrkdwn When(Alert alert, DateTimeOffset now)
    {
        if (alert.Time is not { } time)
            return $"the record has no time";
        if (alert.Late)
            return $"{time}\ntold {now - time} later ⏳ *late*";
        return $"{time}\ntold {now - time} later";
    }

    private static Mrkdwn? Within(Alert alert)
    {
        if (alert.Events[0].EventTime is not { } first || alert.Time is not { } last)
            return null;
        return $" within {last - first}";
    }

    /// <summary>What is good to know, the most useful first.</summary>
    private static IEnumerable<SlackBlock> Further(Alert alert, AlertContext known)
    {
        foreach (var news in News(known))
            yield return news;
        if (known.Steps.Count > 0)
            yield return SlackBlock.Section(SlackText.Lines(Steps(known.Steps), MaxStep));
        foreach (var calls in CallsAround(known))
            yield return calls;
        if (!IsBlank(alert.Rule.Description))
            yield return SlackBlock.Context(SlackText.Plain($"Why it matters: {alert.Rule.Description}", MaxSentences));
    }

    private static IEnumerable<SlackBlock> News(AlertContext known)
    {
        if (known.FirstSeen.Count > 0)
            yield return SlackBlock.Context(SlackText.Marked($"🆕 *first* {new Prose(string.Join(", first ", known.FirstSeen))} for this actor"));
    }

    private static IEnumerable<string> Steps(IReadOnlyList<string> steps)
    {
        yield return "Then check:";
        foreach (var (number, step) in steps.Take(MaxSteps).Index())
            yield return string.Create(CultureInfo.InvariantCulture, $"{number + 1}. {step}");
        if (steps.Count > MaxSteps)
            yield return string.Create(CultureInfo.InvariantCulture, $"… and {steps.Count - MaxSteps} more in the runbook");
    }

    /// <summary>The latest calls; which of an actor's many calls matter nobody knows better than the reader.</summary>
    private static IEnumerable<SlackBlock> CallsAround(AlertContext known)
    {
        if (known.Calls.Count == 0)
            yield break;
        var failed = known.Calls.Count(call => call.Error is not null);
        Mrkdwn text = $"Its {known.Calls.Count} other calls around it, {failed} failed";
        yield return SlackBlock.Context(known.Calls.TakeLast(MaxCalls).Select(Call).Prepend(text).Select(SlackText.Marked));
    }

    private static Mrkdwn Call(RecentCall call)
    {
        var time = call.Time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        if (call.Error is { } error)
            return $"{(string[])[$"{time} {Cell(call.Name)}"]} ⛔ {Cell(error)}";
        return $"{(string[])[$"{time} {Cell(call.Name)}"]}";
    }

    private static IEnumerable<Mrkdwn> SmallPrint(Dispatch dispatch, AlertContext known)
    {
        var alert = dispatch.Alert;
        yield return $"rule {Cell(alert.Rule.Name)}";
        yield return $"alert {string.Concat(alert.Id.Value.Take(ShortId))}";
        string?[] ids = [.. alert.Events.Select(one => one.EventId).Where(id => id is not null).Select(Cell)];
        if (ids.Length > 0)
            yield return $"event {ids.Take(MaxEventIds)}{More(ids.Length - MaxEventIds)}";
        if (ConsoleLink.Of(alert) is { } link)
            yield return $"{link}";
        if (dispatch.Suppressed > 0)
            yield return $"*{dispatch.Suppressed} more suppressed*";
        if (CaseCommand.Of(alert) is { } command)
            yield return $"judge it again {command}";
        if (known.Missing.Count > 0)
            yield return $"not found out {new Prose(string.Join(", ", known.Missing))}";
    }

    internal static Mrkdwn? More(int count)
    {
        if (count <= 0)
            return null;
        return $" and {count} more";
    }

    /// <summary>As much of what is good to know as there is room for.</summary>
    private static List<SlackBlock> Fitted(List<SlackBlock> needed, List<SlackBlock> further, SlackBlock last)
    {
        var mark = SlackBlock.Context(SlackText.Plain("… left out for want of room: see the alert in the ledger", MaxSentences));
        var room = MaxSize - needed.Sum(block => block.Size) - last.Size - mark.Size;
        var blocks = needed;
        foreach (var block in further)
        {
            room -= block.Size;
            if (room < 0)
            {
                blocks.Add(mark);
                break;
            }
            blocks.Add(block);
        }
        blocks.Add(last);
        return blocks;
    }

    internal static string Severity(Level level) => level is Level.Informational ? "For information" : level.ToString();

    internal static string Emoji(Level level) =>
        level switch
        {
            Level.Informational => "ℹ️",
            Level.Low => "🔵",
            Level.Medium => "🟡",
            Level.High => "🔴",
            _ => "🚨",
        };

    private static bool IsBlank(string? text) => PlainText.Clean(text).Length == 0;
}
