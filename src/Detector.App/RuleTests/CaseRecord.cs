using Detector.Core.Events;
using Detector.Core.Events.Json;

namespace Detector.App.RuleTests;

/// <summary>One record of a case, out of whatever it was wrapped in.</summary>
/// <param name="Index">Its 0-based place among the records.</param>
/// <param name="Json">The record.</param>
/// <param name="Time">The time of its event, if it has one.</param>
internal sealed record CaseRecord(int Index, byte[] Json, DateTimeOffset? Time)
{
    /// <summary>The records that can be read.</summary>
    public static List<CaseRecord> Read(ReadOnlySpan<byte> content)
    {
        var records = new List<CaseRecord>();
        using var reader = new RecordReader(content, RecordSelection.HeaderOnly, new FieldTable());
        while (reader.Read(out var record) is var result && result != ReadResult.End)
        {
            if (result == ReadResult.Record)
                records.Add(new CaseRecord(record.Index, record.Json.ToArray(), record.EventTime));
        }
        return records;
    }
}
