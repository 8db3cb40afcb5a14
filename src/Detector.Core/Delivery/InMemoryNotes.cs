namespace Detector.Core.Delivery;

/// <summary>What sinks noted, in memory. Not safe for several threads: the ledger locks.</summary>
/// <param name="remembered">How many notes are kept; those that were first made longest ago go first.</param>
internal sealed class InMemoryNotes(int remembered)
{
    private readonly Dictionary<(string Sink, string Key), string> _notes = [];
    private readonly Queue<(string Sink, string Key)> _inOrder = new();

    public string? Find(string sink, string key) => _notes.GetValueOrDefault((sink, key));

    public bool Keep(string sink, IReadOnlyList<SinkNote> notes)
    {
        if (notes.Any(note => Find(sink, note.Key) != note.Was))
            return false;
        foreach (var note in notes)
        {
            if (!_notes.ContainsKey((sink, note.Key)))
                _inOrder.Enqueue((sink, note.Key));
            _notes[(sink, note.Key)] = note.Value;
        }
        while (_inOrder.Count > remembered)
            _notes.Remove(_inOrder.Dequeue());
        return true;
    }
}
