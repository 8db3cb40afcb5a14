using System.Runtime.InteropServices;
using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Adapters.Spills;

/// <summary>Keeps the hits of a replay until all are found, and gives them back in <see cref="Replay.HitOrder"/>. Bounded in memory, not on disk.</summary>
/// <param name="rules">The rules that made them.</param>
/// <param name="folder">Where a temporary file may lie.</param>
/// <param name="budget">Bytes of memory.</param>
public sealed class HitStore(RuleSet rules, string folder, long budget = HitStore.DefaultBudget) : IDisposable
{
    /// <summary>Bytes of memory that suffice for some thousand hits.</summary>
    public const long DefaultBudget = 3 * 1024 * 1024;

    private readonly SpillSort<Hit> _sort = new(new Form(rules), folder, budget);

    /// <summary>Whether some of them are on disk.</summary>
    public bool HasSpilled => _sort.HasSpilled;

    /// <summary>Takes hits in; safe to call from many threads.</summary>
    /// <exception cref="Sqlite.StorageException">They cannot be put aside.</exception>
    public void Add(IReadOnlyList<Hit> hits)
    {
        if (hits.Count > 0)
            _sort.Add(hits);
    }

    /// <summary>All of them, when no more come.</summary>
    /// <exception cref="Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<Hit> InOrder() => _sort.InOrder();

    /// <inheritdoc/>
    public void Dispose() => _sort.Dispose();

    private sealed class Form(RuleSet rules) : ISpillForm<Hit>
    {
        private const int Overhead = 256;
        private const int MaxOrigins = 4096;

        private readonly Dictionary<string, int> _numbers = rules
            .Tried.Select((rule, number) => (rule.Key, number))
            .ToDictionary(x => x.Key, x => x.number, StringComparer.Ordinal);

        // Many hits come from one file, and an alert keeps the name with each event.
        private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);

        public IComparer<Hit> Order => Replay.HitOrder;

        public int Weigh(Hit item) => item.Record.Length + Overhead;

        public void Write(Hit item, BinaryWriter writer)
        {
            writer.Write(_numbers[item.Rule.Key]);
            writer.Write(item.Event.Value);
            writer.Write(item.Time is { } time ? time.UtcTicks : -1);
            writer.Write(item.Origin);
            writer.Write(item.Index);
            writer.Write(item.Record.Length);
            writer.Write(item.Record.Span);
        }

        public Hit Read(BinaryReader reader) =>
            new(
                rules.Tried[reader.ReadInt32()],
                new EventIdentity(reader.ReadString()),
                reader.ReadInt64() is var ticks and >= 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
                Origin: Once(reader.ReadString()),
                Index: reader.ReadInt32(),
                Record: reader.ReadBytes(reader.ReadInt32())
            );

        private string Once(string origin)
        {
            if (_origins.Count == MaxOrigins)
                _origins.Clear();
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_origins, origin, out _);
            return known ??= origin;
        }
    }
}
