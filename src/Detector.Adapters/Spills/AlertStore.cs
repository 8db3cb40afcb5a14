using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Spills;

/// <summary>Keeps the alerts of a replay until all are found, and gives them back in <see cref="Replay.AlertOrder"/>. Bounded in memory, not on disk.</summary>
/// <param name="folder">Where a temporary file may lie.</param>
/// <param name="budget">Bytes of memory.</param>
public sealed class AlertStore(string folder, long budget = AlertStore.DefaultBudget) : IDisposable
{
    /// <summary>Bytes of memory that suffice for some thousand alerts of few events.</summary>
    public const long DefaultBudget = 3 * 1024 * 1024;

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
        _sort.Add([alert]);
    }

    /// <summary>All of them, when no more come; as often as they are asked for.</summary>
    /// <exception cref="Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<Alert> InOrder() => _sort.InOrder();

    /// <inheritdoc/>
    public void Dispose() => _sort.Dispose();

    private sealed class Form : ISpillForm<Alert>
    {
        private const int Fixed = 1536;
        private const int PerEvent = 256;

        public IComparer<Alert> Order => Replay.AlertOrder;

        public int Weigh(Alert item) => Fixed + item.Events.Count * PerEvent;

        public void Write(Alert item, BinaryWriter writer)
        {
            var json = AlertJson.Write(item);
            writer.Write(json.Length);
            writer.Write(json);
        }

        public Alert Read(BinaryReader reader) => AlertJson.Read(reader.ReadBytes(reader.ReadInt32()));
    }
}
