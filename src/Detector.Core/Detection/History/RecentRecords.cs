using System.Text.Json;
using Detector.Core.Events.Json;

namespace Detector.Core.Detection.History;

/// <summary>
/// Records as they were parsed last. The hits of one record follow each other closely, and so each record is parsed once, however many rules and lessons ask it.
/// For one thread.
/// </summary>
internal sealed class RecentRecords
{
    // Those of one second stand between a record's lesson and its rules.
    private const int Most = 8;

    private readonly (ReadOnlyMemory<byte> Record, JsonDocument? Parsed)[] _recent = new (ReadOnlyMemory<byte>, JsonDocument?)[Most];
    private int _next;

    /// <summary>A record's root; good until <see cref="Most"/> others were asked for.</summary>
    /// <param name="record">A JSON object. It is known again by where it lies, not by what it says.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public JsonElement Root(ReadOnlyMemory<byte> record)
    {
        foreach (var (known, parsed) in _recent)
        {
            if (parsed is not null && known.Equals(record))
            {
                return parsed.RootElement;
            }
        }
        var document = JsonText.Parse(record);
        ref var slot = ref _recent[_next];
        _next = (_next + 1) % Most;
        slot.Parsed?.Dispose();
        slot = (record, document);
        return document.RootElement;
    }
}
