using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Adapters.Slack;

/// <summary>
/// An alert as a Slack message that is understood in five seconds: the header tells how bad and what, three lines tell who did what to whom,
/// the columns from where, in which account, when; then what to do first; then the small print. Values from events are code spans (see
/// <see cref="Mrkdwn"/>), a rule's own sentences are plain text.
/// </summary>
internal static class SlackMessage
{
    private const int MaxSentences = 600;
    private const int MaxTargets = 8;
    private const int MaxAgent = 80;
    private const int MaxEventIds = 3;
    private const int ShortId = 8;

    /// <param name="dispatch">What to tell.</param>
    /// <param name="now">The time of telling, from which the delay is counted.</param>
    public static SlackPayload Render(Dispatch dispatch, DateTimeOffset now)
    {
        var (alert, rule) = (dispatch.Alert, dispatch.Alert.Rule);
        var blocks = new List<SlackBlock>
        {
            SlackBlock.Header($"{Emoji(rule)} {Severity(rule)} · {rule.Title}"),
            SlackBlock.Section(SlackText.Marked(WhoDidWhat(alert.Facts))),
            SlackBlock.Columns(Columns(alert, now).Select(SlackText.Marked)),
        };
        if (!IsBlank(rule.FirstStep))
            blocks.Add(SlackBlock.Section(SlackText.Plain($"👉 Do first: {rule.FirstStep}", MaxSentences)));
        if (!IsBlank(rule.Description))
            blocks.Add(SlackBlock.Context(SlackText.Plain($"Why it matters: {rule.Description}", MaxSentences)));
        blocks.Add(SlackBlock.Context(SmallPrint(dispatch).Select(SlackText.Marked)));
        return new SlackPayload(Notification(alert).ToString(), blocks);
    }

    private static Mrkdwn Notification(Alert alert)
    {
        var facts = alert.Facts;
        string?[] values = [facts.Actor ?? alert.Group, facts.EventName, facts.ErrorCode, facts.SourceAddress, facts.Account, facts.Region];
        return $"{new Prose($"{Emoji(alert.Rule)} {Severity(alert.Rule)}: {alert.Rule.Title}")} {values}";
    }

    private static Mrkdwn WhoDidWhat(AlertFacts facts) =>
        $"*Who*  {facts.Actor}{Caller(facts)}\n*Did*  {facts.EventName}{Service(facts)}{Result(facts)}{To(facts)}";

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

    private static IEnumerable<Mrkdwn> Columns(Alert alert, DateTimeOffset now)
    {
        var facts = alert.Facts;
        yield return $"*From*\n{facts.SourceAddress}\n{(string[])[PlainText.Clean(facts.UserAgent, MaxAgent)]}";
        yield return $"*Where*\n{facts.Account} {facts.Region}";
        yield return $"*When*\n{When(alert, now)}";
        if (!IsBlank(facts.AccessKeyId))
            yield return $"*Key*\n{facts.AccessKeyId}";
        if (!IsBlank(alert.Group))
            yield return $"*Group*\n{alert.Group}";
        if (alert.Events.Count > 1)
            yield return $"*Events*\n{alert.Events.Count}{Within(alert)}";
    }

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

    private static IEnumerable<Mrkdwn> SmallPrint(Dispatch dispatch)
    {
        var alert = dispatch.Alert;
        yield return $"rule {alert.Rule.Name}";
        yield return $"alert {string.Concat(alert.Id.Value.Take(ShortId))}";
        string?[] ids = [.. alert.Events.Select(one => one.EventId).Where(id => id is not null)];
        if (ids.Length > 0)
            yield return $"event {ids.Take(MaxEventIds)}{More(ids.Length - MaxEventIds)}";
        if (dispatch.Suppressed > 0)
            yield return $"*{dispatch.Suppressed} more suppressed*";
    }

    private static Mrkdwn? More(int count)
    {
        if (count <= 0)
            return null;
        return $" and {count} more";
    }

    private static string Severity(AlertRule rule) => rule.Level is Level.Informational ? "For information" : rule.Level.ToString();

    private static string Emoji(AlertRule rule) =>
        rule.Level switch
        {
            Level.Informational => "ℹ️",
            Level.Low => "🔵",
            Level.Medium => "🟡",
            Level.High => "🔴",
            _ => "🚨",
        };

    private static bool IsBlank(string? text) => PlainText.Clean(text).Length == 0;
}
