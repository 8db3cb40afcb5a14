using System.Text.Json;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Rules.Fields;

/// <summary>Finds the values of named fields in single records, derived fields among them. For the few records that matter; not for many threads.</summary>
internal sealed class FieldReader
{
    private readonly FieldSelection _selection;
    private readonly FieldTable _table = new();
    private readonly DerivedValues _derived;

    public FieldReader(IEnumerable<string> paths)
    {
        _selection = Select([.. paths.Distinct(StringComparer.Ordinal)]);
        _derived = new DerivedValues(_selection.Paths);
    }

    /// <summary>The fields by their numbers.</summary>
    public IReadOnlyList<string> Paths => _selection.Paths;

    /// <summary>The numbers of the fields.</summary>
    public Dictionary<string, int> Numbers => _selection.Numbers;

    /// <summary>A selection that takes from records what is not derived; derived fields have numbers in it all the same.</summary>
    /// <param name="paths">The fields, by their numbers.</param>
    /// <param name="wanted">Which of them to take; null for all.</param>
    public static FieldSelection Select(IReadOnlyList<string> paths, IReadOnlySet<string>? wanted = null) =>
        FieldSelection.Of(paths, path => wanted?.Contains(path) != false && !DerivedFields.IsReserved(path));

    /// <summary>Reads a record, which must be a JSON object. The view is good until the next one is read.</summary>
    /// <param name="record">The record.</param>
    /// <param name="past">What happened before, if it is known.</param>
    /// <param name="scratch">What is already known of the record, if that is to be remembered.</param>
    /// <param name="parse">Gives the record parsed, if somebody keeps it so.</param>
    public RecordView Read(ReadOnlySpan<byte> record, Past? past = null, MatchScratch? scratch = null, Func<JsonElement>? parse = null)
    {
        ObjectScanner.Scan(record, 0, _selection, _table);
        _derived.NextRecord(past, parse);
        return new RecordView(record, record, _table, scratch, _derived);
    }
}
