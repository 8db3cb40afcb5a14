using System.Text.Json;
using Detector.Adapters.Files;
using Detector.Core.Delivery;
using Detector.Core.Events;

namespace Detector.App.Replays;

/// <summary>What a replay found, lost, and cost.</summary>
/// <param name="Alerts">In the order of their times.</param>
/// <param name="Losses">What could not be read, in the order of files and places.</param>
/// <param name="Stats">Numbers.</param>
internal sealed record ReplayOutcome(IReadOnlyList<Alert> Alerts, IReadOnlyList<Loss> Losses, ReplayStats Stats);

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
/// <param name="Files">Files that were opened.</param>
/// <param name="Records">Records that were read.</param>
/// <param name="Rejected">Records that could not be.</param>
/// <param name="Duplicates">Records with hits that had been there before.</param>
/// <param name="BytesRead">Bytes on disk.</param>
/// <param name="BytesJson">Bytes once unpacked.</param>
/// <param name="Elapsed">From the first file's search to the last alert.</param>
/// <param name="Alerts">Alerts found.</param>
internal sealed record ReplayStats(int Files, long Records, int Rejected, int Duplicates, long BytesRead, long BytesJson, TimeSpan Elapsed, int Alerts)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("files", Files);
        json.WriteNumber("records", Records);
        json.WriteNumber("rejected", Rejected);
        json.WriteNumber("duplicates", Duplicates);
        json.WriteNumber("bytesRead", BytesRead);
        json.WriteNumber("bytesJson", BytesJson);
        json.WriteNumber("seconds", Math.Round(Elapsed.TotalSeconds, 3));
        json.WriteNumber("recordsPerSecond", Math.Round(Records / Math.Max(Elapsed.TotalSeconds, 1e-6)));
        json.WriteNumber("alerts", Alerts);
    }
}
