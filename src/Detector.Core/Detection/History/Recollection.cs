using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>
/// What had been learned from a trail at one instant or another, so that a rule can be asked of any of its records as the engine would ask it. For explanations
/// and tests, not for speed; one thread.
/// </summary>
public sealed class Recollection
{
    private readonly RuleSet _rules;
    private readonly List<WaitingHit> _lessons;
    private Memory _memory = new();
    private Recall _recall;
    private int _next;
    private DateTimeOffset _at;

    /// <param name="rules">The rules.</param>
    /// <param name="hits">What stage 1 found in the trail by these rules.</param>
    public Recollection(RuleSet rules, IEnumerable<Hit> hits)
    {
        _rules = rules;
        var room = new WaitingRoom(rules);
        _lessons =
        [
            .. hits.Where(hit => hit.Rule is DetectionRule { Teaches: not Lessons.None })
                .DistinctBy(hit => (hit.Rule.Key, hit.Event))
                .SelectMany(hit => WaitingRoom.Announce(rules, hit))
                .Select(room.Admit)
                .OfType<WaitingHit>()
                .Order(WaitingHit.InOrder),
        ];
        _recall = new Recall(rules, _memory);
    }

    /// <summary>What a record answers to a rule's condition when it is judged.</summary>
    /// <param name="rule">A rule of the set.</param>
    /// <param name="record">The record, a JSON object.</param>
    /// <param name="time">The time of its event; null if it has none, and then nothing is known of history.</param>
    public Answers Ask(DetectionRule rule, ReadOnlySpan<byte> record, DateTimeOffset? time) => Answers.Of(rule.Condition, record, PastOf(rule, time));

    /// <summary>Why a record meets a rule's condition or does not when it is judged.</summary>
    /// <inheritdoc cref="Ask"/>
    public Explanation Explain(DetectionRule rule, ReadOnlySpan<byte> record, DateTimeOffset? time) =>
        Explanation.Of(rule.Condition, record, PastOf(rule, time));

    private Past? PastOf(DetectionRule rule, DateTimeOffset? time)
    {
        if (time is not { } at || !_rules.Waits(rule))
            return null;
        at += rule.After ?? TimeSpan.Zero;
        if (at < _at)
        {
            // What was forgotten since cannot be brought back otherwise.
            (_memory, _next) = (new Memory(), 0);
            _recall = new Recall(_rules, _memory);
        }
        for (; _next < _lessons.Count && _lessons[_next].Time <= at; _next++)
        {
            if (_recall.Counts(_lessons[_next]))
                _recall.Learn(_lessons[_next]);
        }
        _at = at;
        return new Past(_memory, at);
    }
}
