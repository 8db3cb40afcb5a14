using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Rules.Fields;

namespace Detector.Adapters.Aws;

/// <summary>Makes an alert small enough for a channel with a limit, with marks where something is gone.</summary>
internal static class AlertCut
{
    /// <summary>The alert with its newest events only, at least one, and no text longer than <paramref name="text"/> characters.</summary>
    public static Alert Shorten(Alert alert, int events, int text)
    {
        var (rule, facts) = (alert.Rule, alert.Facts);
        return alert with
        {
            Group = Cut(alert.Group),
            Evidence = null,
            Events = [.. alert.Events.TakeLast(events).Select(ShortenEvent)],
            Rule = rule with
            {
                Id = Cut(rule.Id),
                Name = Cut(rule.Name),
                Title = Cut(rule.Title),
                Tags = CutAll(rule.Tags),
                Description = Cut(rule.Description),
                FirstStep = Cut(rule.FirstStep),
            },
            Facts = new AlertFacts
            {
                Actor = Cut(facts.Actor),
                ActorType = Cut(facts.ActorType),
                Behind = CutChain(facts.Behind),
                AccessKeyId = Cut(facts.AccessKeyId),
                Account = Cut(facts.Account),
                Region = Cut(facts.Region),
                EventSource = Cut(facts.EventSource),
                EventName = Cut(facts.EventName),
                SourceAddress = Cut(facts.SourceAddress),
                UserAgent = Cut(facts.UserAgent),
                ErrorCode = Cut(facts.ErrorCode),
                Mfa = Cut(facts.Mfa),
                Targets = CutAll(facts.Targets),
            },
        };

        AlertEvent ShortenEvent(AlertEvent one) => one with { EventId = Cut(one.EventId), EventName = Cut(one.EventName), File = Cut(one.File) };

        ActorChain? CutChain(ActorChain? chain) =>
            chain is null
                ? null
                : chain with
                {
                    Actor = Cut(chain.Actor),
                    Provider = Cut(chain.Provider),
                    Sessions = [.. chain.Sessions.TakeLast(events).Select(one => one with { Name = Cut(one.Name), AccessKeyId = Cut(one.AccessKeyId) })],
                };

        IReadOnlyList<string> CutAll(IReadOnlyList<string> values) => [.. values.Take(events).Select(value => Cut(value))];

        [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(value))]
        string? Cut(string? value) => value is null ? null : ShortText.Of(value, text);
    }
}
