using System.Text;
using Detector.Core.Events;
using Detector.Core.Events.Json;

namespace Detector.Tests.Events;

/// <summary>Walks a text with the record reader and keeps what it says.</summary>
/// <param name="Records">Records, in order.</param>
/// <param name="Problems">What could not be read, in order.</param>
/// <param name="Foreign">Objects passed over as something else.</param>
internal sealed record Reading(IReadOnlyList<ReadRecord> Records, IReadOnlyList<UnreadableRecord> Problems, int Foreign)
{
    /// <summary>The eventNames of the records.</summary>
    public IReadOnlyList<string> Names => [.. Records.Select(r => r.EventName)];

    public static Reading Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static Reading Of(ReadOnlySpan<byte> text)
    {
        var records = new List<ReadRecord>();
        var problems = new List<UnreadableRecord>();
        using var reader = new RecordReader(text, RecordSelection.HeaderOnly, new FieldTable());
        // Each step consumes at least a byte; a notification's message is shorter than what it came in.
        for (var steps = 0; steps <= 2 * text.Length + 2; steps++)
        {
            switch (reader.Read(out var record))
            {
                case ReadResult.Record:
                    records.Add(new ReadRecord(record.Index, JsonText.Unescape(record.EventName), Encoding.UTF8.GetString(record.Json)));
                    break;
                case ReadResult.Unreadable:
                    problems.Add(reader.Problem);
                    break;
                default:
                    return new Reading(records, problems, reader.Foreign);
            }
        }
        throw new InvalidOperationException("the reader goes round in circles");
    }
}

/// <summary>A record that was read.</summary>
internal sealed record ReadRecord(int Index, string EventName, string Json)
{
    public ReadRecord(int index, byte[] eventName, string json)
        : this(index, Encoding.UTF8.GetString(eventName), json) { }
}
