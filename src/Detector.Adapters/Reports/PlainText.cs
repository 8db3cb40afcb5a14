using System.Globalization;
using System.Text;
using Detector.Adapters.Enrichers;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Adapters.Reports;

/// <summary>
/// An alert in words, without markup: mail bodies, text messages, the fallback of richer formats. What a caller chose (names, agents,
/// targets) is made harmless here: one line each, bounded, free of characters that move the cursor or reverse the reading direction, and no link.
/// </summary>
public static class PlainText
{
    private const int MaxValue = 300;
    private const int MaxTargets = 10;
    private const int MaxEvents = 20;
    private const int MaxSteps = 4;

    /// <summary>Severity, rule, actor, act and place on one line, for subjects and fallbacks. Not bounded in length beyond its values.</summary>
    /// <param name="alert">What to tell.</param>
    /// <param name="context">What is known besides: an account's name is told in place of its number.</param>
    public static string Line(Alert alert, AlertContext? context = null)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"[{alert.Rule.Level.Word()}] {Clean(alert.Rule.Title)}");
        if (Or(Actor(alert.Facts), alert.Group) is { } actor)
            line.Append(": ").Append(Brief(actor));
        if (alert.Facts.EventName is { } eventName)
            line.Append(", ").Append(Brief(eventName));
        if (Joined(" ", Or(context?.AccountName, alert.Facts.Account), alert.Facts.Region) is { Length: > 0 } where)
            line.Append(", ").Append(Brief(where));
        return line.ToString();
    }

    /// <summary>The whole alert for a person: what, who, where from, where, when and how late, what to do first, why it matters, ids.</summary>
    /// <param name="alert">What to tell.</param>
    /// <param name="now">The time of telling, from which the delay is counted.</param>
    /// <param name="suppressed">See <see cref="Dispatch.Suppressed"/>.</param>
    /// <param name="context">What is known besides.</param>
    public static string Body(Alert alert, DateTimeOffset now, long suppressed = 0, AlertContext? context = null)
    {
        var (facts, rule, known) = (alert.Facts, alert.Rule, context ?? AlertContext.None);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{rule.Level.Word().ToUpperInvariant()}: {Clean(rule.Title)}\n\n");
        Row(text, "What", Act(facts));
        foreach (var target in facts.Targets.Take(MaxTargets))
            Row(text, "On", target);
        if (facts.Targets.Count > MaxTargets)
            Row(text, "On", $"{facts.Targets.Count - MaxTargets} more");
        Row(text, "Group", alert.Group);
        Row(text, "Who", Caller(facts));
        Row(text, "Behind", facts.Behind is { } chain ? Chain(chain) : null);
        Row(text, "MFA", facts.Mfa);
        Row(text, "From", Joined(", ", facts.SourceAddress, known.Place, known.Network));
        Row(text, "Agent", facts.UserAgent);
        Row(text, "Where", Or(known.AccountName) is { } name ? $"{Clean(name)}, {Where(alert)}" : Where(alert));
        Row(text, "When", When(alert, now));
        if (known.FirstSeen.Count > 0)
            Row(text, "New", $"first {string.Join(", first ", known.FirstSeen.Select(one => Clean(one)))} for this actor");
        if (suppressed > 0)
            Row(text, "Repeats", $"{suppressed} more not told one by one");
        // What to do comes before why: whoever was woken reads from the top.
        Section(text, "First step", rule.FirstStep);
        Steps(text, known.Steps);
        Section(text, "Why it matters", rule.Description);
        text.Append('\n');
        // Both are made of nothing that has not the form that AWS gives it.
        if (ConsoleLink.Of(alert) is { } link)
            text.Append(CultureInfo.InvariantCulture, $"{"Open:", -9} {link.Url}\n");
        if (CaseCommand.Of(alert) is { } command)
            text.Append(CultureInfo.InvariantCulture, $"{"Again:", -9} {command}\n");
        Row(text, "Rule", string.Equals(rule.Id, rule.Name, StringComparison.Ordinal) ? rule.Id : $"{rule.Name} ({rule.Id})");
        Row(text, "Alert", alert.Id.Value);
        foreach (var one in alert.Events.Take(MaxEvents))
            Row(text, "Event", $"{one.EventId ?? "without id"} {Clean(one.EventName)} in {Clean(one.File)}");
        if (alert.Events.Count > MaxEvents)
            Row(text, "Event", $"{alert.Events.Count - MaxEvents} more");
        return text.ToString();
    }

    /// <summary>When it happened and how long ago, such as <c>2026-03-04 05:06:07 UTC, told 40 s later</c>.</summary>
    public static string When(Alert alert, DateTimeOffset now)
    {
        if (alert.Time is not { } time)
            return "the record has no time";
        var when = $"{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC, told {HowLate(now - time)} later";
        return alert.Late ? when + " (late)" : when;
    }

    /// <summary>Who stands behind a session, and by which sessions they came, such as <c>arn:aws:iam::111122223333:user/ann (IAM user) → ops/ann</c>.</summary>
    public static string Chain(ActorChain chain)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Clean(chain.Actor)} ({chain.Kind.Words()}{(Or(chain.Provider) is { } by ? $" of {Clean(by)}" : "")})");
        foreach (var session in chain.Sessions)
            text.Append(" → ").Append(Clean(ShortName(session.Name)));
        return text.ToString();
    }

    /// <summary>The role and the session's name without the account, which stands elsewhere; other names as they are.</summary>
    private static string ShortName(string name) =>
        name.Split(':', 6) is [_, _, "sts", _, _, var session] ? session[(session.IndexOf('/', StringComparison.Ordinal) + 1)..] : name;

    /// <summary>A delay in the two units that matter, such as <c>40 s</c>, <c>3 min 5 s</c>, <c>2 h 10 min</c>, <c>4 d 3 h</c>; never below <c>0 s</c>.</summary>
    public static string HowLate(TimeSpan delay) =>
        delay switch
        {
            { Ticks: <= 0 } => "0 s",
            { TotalMinutes: < 1 } => $"{delay.Seconds} s",
            { TotalHours: < 1 } => Two(delay.Minutes, "min", delay.Seconds, "s"),
            { TotalDays: < 1 } => Two(delay.Hours, "h", delay.Minutes, "min"),
            _ => Two(delay.Days, "d", delay.Hours, "h"),
        };

    /// <summary>
    /// A value as one harmless line: white space and line ends become one space, control and formatting characters (terminal escapes,
    /// direction overrides, zero-width marks) and unpaired surrogates go, and what is longer than <paramref name="max"/> ends in <c>…</c>.
    /// </summary>
    public static string Clean(string? value, int max = MaxValue)
    {
        var clean = new StringBuilder(Math.Min(value?.Length ?? 0, max));
        foreach (var rune in (value ?? "").EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                    clean.Append(' ');
            }
            else if (rune != Rune.ReplacementChar && !IsInvisible(rune))
            {
                clean.Append(rune);
            }
            if (clean.Length > max)
                return ShortText.Of(clean.ToString(), max);
        }
        return clean.ToString().TrimEnd();
    }

    /// <summary>A caller's value in a sentence: see <see cref="Clean"/>, and nothing that a mail program or a phone makes a link of.</summary>
    public static string Brief(string? value, int max = MaxValue) => Unlinked.Of(Clean(value, max));

    /// <summary>An ARN of the account in which it happened without its beginning: people look for the name.</summary>
    internal static string? Actor(AlertFacts facts) => ActorName.Of(facts.Actor) is { } actor && actor.Account == facts.Account ? actor.Name : facts.Actor;

    private static void Steps(StringBuilder text, IReadOnlyList<string> steps)
    {
        if (steps.Count > 0)
            text.Append("\nThen check\n");
        foreach (var (number, step) in steps.Take(MaxSteps).Index())
            text.Append(CultureInfo.InvariantCulture, $"{number + 1}. {Clean(step)}\n");
        if (steps.Count > MaxSteps)
            text.Append(CultureInfo.InvariantCulture, $"… and {steps.Count - MaxSteps} more in the runbook\n");
    }

    private static string Joined(string between, params ReadOnlySpan<string?> values)
    {
        var text = new StringBuilder();
        foreach (var value in values)
        {
            if (Clean(value) is { Length: > 0 } clean)
                text.Append(text.Length == 0 ? "" : between).Append(clean);
        }
        return text.ToString();
    }

    private static string? Act(AlertFacts facts)
    {
        if (facts.EventName is not { } name)
            return null;
        var act = Or(facts.EventSource) is { } source ? $"{Clean(name)} ({Clean(source)})" : Clean(name);
        return Or(facts.ErrorCode) is { } error ? $"{act}, failed with {Clean(error)}" : act;
    }

    private static string? Caller(AlertFacts facts)
    {
        if (Or(facts.Actor, facts.ActorType) is not { } actor)
            return null;
        var type = facts.Actor is not null && Or(facts.ActorType) is { } known ? $" ({Clean(known)})" : "";
        var key = Or(facts.AccessKeyId) is { } id ? $", key {Clean(id)}" : "";
        return Clean(actor) + type + key;
    }

    private static string Where(Alert alert) => Joined(" ", alert.Facts.Account, alert.Facts.Region);

    private static void Row(StringBuilder text, string label, string? value)
    {
        if (Clean(value, 2 * MaxValue) is { Length: > 0 } clean)
            text.Append(CultureInfo.InvariantCulture, $"{label + ":", -9} {Unlinked.Of(clean)}\n");
    }

    private static void Section(StringBuilder text, string heading, string body)
    {
        if (Clean(body, 4 * MaxValue) is { Length: > 0 } clean)
            text.Append(CultureInfo.InvariantCulture, $"\n{heading}\n{clean}\n");
    }

    private static string Two(int major, string majorUnit, int minor, string minorUnit) =>
        minor == 0 ? $"{major} {majorUnit}" : $"{major} {majorUnit} {minor} {minorUnit}";

    private static string? Or(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrWhiteSpace(value))
                return value;
        }
        return null;
    }

    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned;
}
