using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Rules.Fields;

namespace Detector.Adapters.Spills;

/// <summary>Keeps the alerts of a replay until all are found, and gives them back in <see cref="Replay.AlertOrder"/>. Bounded in memory, not on disk. Their records are not kept.</summary>
/// <param name="folder">Where a temporary file may lie.</param>
/// <param name="budget">Bytes of memory.</param>
public sealed class AlertStore(string folder, long budget = AlertStore.DefaultBudget) : IDisposable
{
    /// <summary>Bytes of memory that suffice for some thousand alerts of few events.</summary>
    public const long DefaultBudget = 1024 * 1024;

    private readonly SpillSort<Alert> _sort = new(new Form(), folder, budget);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether some of them are on disk.</summary>
    public bool HasSpilled => _sort.HasSpilled;

    /// <summary>Takes an alert in.</summary>
    /// <exception cref="Sqlite.StorageException">It cannot be put aside.</exception>
    public void Add(Alert alert)
    {
        Count++;
        _sort.Add(alert);
    }

    /// <summary>All of them, when no more come; as often as they are asked for.</summary>
    /// <exception cref="Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<Alert> InOrder() => _sort.InOrder();

    /// <inheritdoc/>
    public void Dispose() => _sort.Dispose();

    private sealed class Form : ISpillForm<Alert>
    {
        // What a rule says of itself is the same in each of its alerts.
        private readonly List<AlertRule> _rules = [];
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public void WriteKey(Alert item, SpillBuffer to)
        {
            to.AddOrdered(item.Time);
            to.AddOrdered(item.Id.Value);
        }

        public void WriteRest(Alert item, SpillBuffer to)
        {
            if (!_numbers.TryGetValue(item.Rule.Id, out var number))
            {
                _numbers.Add(item.Rule.Id, number = _rules.Count);
                _rules.Add(item.Rule);
            }
            to.AddNumber(number);
            to.AddNumber((int)item.Kind);
            to.AddNumber(item.Late ? 1 : 0);
            to.AddText(item.Group);
            to.AddNumber(item.Events.Count);
            foreach (var one in item.Events)
            {
                to.AddText(one.EventId);
                to.AddOrdered(one.EventTime);
                to.AddText(one.EventName);
                to.AddText(one.File);
                to.AddNumber(one.Index);
            }
            var facts = item.Facts;
            foreach (
                var text in (ReadOnlySpan<string?>)
                    [
                        facts.Actor,
                        facts.ActorType,
                        facts.AccessKeyId,
                        facts.Account,
                        facts.Region,
                        facts.EventSource,
                        facts.EventName,
                        facts.SourceAddress,
                        facts.UserAgent,
                        facts.ErrorCode,
                        facts.Mfa,
                    ]
            )
            {
                to.AddText(text);
            }
            Write(to, facts.Targets);
            Write(to, facts.Behind);
        }

        public Alert Read(SpillBytes key, SpillBytes rest)
        {
            key.TakeOrderedTime();
            var id = new AlertId(key.TakeOrderedText());
            var rule = _rules[rest.TakeNumber()];
            var kind = (AlertKind)rest.TakeNumber();
            var late = rest.TakeNumber() != 0;
            var group = rest.TakeText();
            var events = new AlertEvent[rest.TakeNumber()];
            foreach (ref var one in events.AsSpan())
                one = new AlertEvent(rest.TakeText(), rest.TakeOrderedTime(), rest.TakeText(), rest.TakeText()!, rest.TakeNumber());
            return new Alert
            {
                Id = id,
                Rule = rule,
                Kind = kind,
                Late = late,
                Group = group,
                Events = events,
                Facts = new AlertFacts
                {
                    Actor = rest.TakeText(),
                    ActorType = rest.TakeText(),
                    AccessKeyId = rest.TakeText(),
                    Account = rest.TakeText(),
                    Region = rest.TakeText(),
                    EventSource = rest.TakeText(),
                    EventName = rest.TakeText(),
                    SourceAddress = rest.TakeText(),
                    UserAgent = rest.TakeText(),
                    ErrorCode = rest.TakeText(),
                    Mfa = rest.TakeText(),
                    Targets = Texts(ref rest),
                    Behind = Chain(ref rest),
                },
            };
        }

        private static void Write(SpillBuffer to, IReadOnlyList<string> texts)
        {
            to.AddNumber(texts.Count);
            foreach (var text in texts)
                to.AddText(text);
        }

        private static string[] Texts(ref SpillBytes rest)
        {
            var texts = new string[rest.TakeNumber()];
            foreach (ref var text in texts.AsSpan())
                text = rest.TakeText()!;
            return texts;
        }

        /// <summary>A chain without an actor stands for none.</summary>
        private static void Write(SpillBuffer to, ActorChain? chain)
        {
            to.AddText(chain?.Actor);
            if (chain is null)
                return;
            to.AddNumber((int)chain.Kind);
            to.AddText(chain.Provider);
            to.AddNumber(chain.Sessions.Count);
            foreach (var session in chain.Sessions)
            {
                to.AddText(session.Name);
                to.AddText(session.AccessKeyId);
                to.AddOrdered(session.Begun);
            }
        }

        private static ActorChain? Chain(ref SpillBytes rest)
        {
            if (rest.TakeText() is not { } actor)
                return null;
            var kind = (ActorKind)rest.TakeNumber();
            var provider = rest.TakeText();
            var sessions = new ActorSession[rest.TakeNumber()];
            foreach (ref var session in sessions.AsSpan())
                session = new ActorSession(rest.TakeText()!, rest.TakeText(), rest.TakeOrderedTime());
            return new ActorChain(actor, kind, provider, sessions);
        }
    }
}
