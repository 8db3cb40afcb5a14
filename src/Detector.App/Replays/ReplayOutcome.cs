using System.Text.Json;
using Detector.Adapters.Files;
using Detector.Core.Delivery;
using Detector.Core.Events;

namespace Detector.App.Replays;

/// <summary>What a replay found, lost, and cost. The alerts may lie on disk: dispose lets go of them.</summary>
/// <param name="Alerts">In the order of their times, then of their ids; as often as they are asked for.</param>
/// <param name="Losses">What could not be read, in the order of files and places.</param>
/// <param name="Stats">Numbers.</param>
/// <param name="Stopped">How far it came, if it was stopped before all was read; else null.</param>
/// <param name="Kept">What the alerts lie in.</param>
internal sealed record ReplayOutcome(IEnumerable<Alert> Alerts, IReadOnlyList<Loss> Losses, ReplayStats Stats, string? Stopped, IDisposable Kept) : IDisposable
{
    public void Dispose() => Kept.Dispose();
}

/// <summary>Something that could not be read.</summary>
/// <param name="File">Where.</param>
/// <param name="Record">The 0-based place among the file's records; null for a file or the rest of one.</param>
/// <param name="Offset">The byte of the file's content, unpacked, at which reading failed.</param>
/// <param name="Reason">Why.</param>
internal sealed record Loss(string File, int? Record, long Offset, string Reason)
{
    public Loss(UnreadFile unread)
        : this(unread.Path, null, unread.Offset, unread.Reason) { }

    public Loss(Rejected rejected)
        : this(rejected.Origin, rejected.Index, rejected.Offset, rejected.Reason) { }

    public override string ToString() => $"{File}: {(Record is { } record ? $"record {record} " : "")}at byte {Offset}: {Reason}";
}

/// <summary>What a replay went through.</summary>
internal sealed record ReplayStats
{
    /// <summary>Files that were opened.</summary>
    public required long Files { get; init; }

    /// <summary>Records that were read.</summary>
    public required long Records { get; init; }

    /// <summary>The time of the oldest record that was judged; null if none has a time.</summary>
    public required DateTimeOffset? Oldest { get; init; }

    /// <summary>The time of the newest.</summary>
    public required DateTimeOffset? Newest { get; init; }

    /// <summary>Records that could not be.</summary>
    public required long Rejected { get; init; }

    /// <summary>Records with hits that had been there before.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Objects that are no records, such as digests.</summary>
    public required long Foreign { get; init; }

    /// <summary>Bytes on disk.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes once unpacked.</summary>
    public required long BytesJson { get; init; }

    /// <summary>From the first file's search to the last alert.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Alerts found.</summary>
    public required int Alerts { get; init; }

    /// <summary>What suppressions hid, the most hidden first.</summary>
    public required IReadOnlyList<HiddenAlerts> Hidden { get; init; }

    /// <summary>What unpacked: <c>libdeflate</c>, or <c>zlib</c>.</summary>
    public required string Inflater { get; init; }

    /// <summary>Whether hits or alerts were put aside on disk.</summary>
    public required bool Spilled { get; init; }

    /// <summary>Bytes of memory in use at the most.</summary>
    public required long PeakMemory { get; init; }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("files", Files);
        json.WriteNumber("records", Records);
        json.WriteNumber("rejected", Rejected);
        json.WriteNumber("duplicates", Duplicates);
        json.WriteNumber("foreign", Foreign);
        json.WriteNumber("bytesRead", BytesRead);
        json.WriteNumber("bytesJson", BytesJson);
        json.WriteNumber("seconds", Math.Round(Elapsed.TotalSeconds, 3));
        json.WriteNumber("recordsPerSecond", Math.Round(Records / Math.Max(Elapsed.TotalSeconds, 1e-6)));
        json.WriteNumber("alerts", Alerts);
        json.WriteArray(
            "suppressed",
            Hidden,
            one =>
            {
                json.WriteString("suppression", one.Suppression);
                json.WriteString("rule", one.Rule);
                json.WriteNumber("alerts", one.Alerts);
                json.WriteNumber("events", one.Events);
            }
        );
        json.WriteString("inflater", Inflater);
        json.WriteBoolean("spilled", Spilled);
        json.WriteNumber("peakMemory", PeakMemory);
    }
}
