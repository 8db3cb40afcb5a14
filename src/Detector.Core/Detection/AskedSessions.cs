using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection;

/// <summary>
/// Which sessions hits may ask for: those by whose keys their calls were made. It may hold too many and never lacks one, because it knows keys by a hash. Safe to
/// use from many threads, all adding before the first question.
/// </summary>
internal sealed class AskedSessions
{
    private const int Bits = 1 << 22;

    private readonly int[] _asked = new int[Bits / 32];

    /// <summary>Whoever is told of the record may ask for the session that made the call.</summary>
    /// <param name="view">The record.</param>
    /// <param name="fields">The numbers of <see cref="SessionFields.Keys"/>.</param>
    public void Add(scoped in RecordView view, ReadOnlySpan<int> fields)
    {
        for (var value = view.First(fields[0]); value >= 0; value = view.Fields[value].Next)
        {
            if (view.TryText(value, out var key))
            {
                var bit = BitOf(GroupKey.Hash(key));
                Interlocked.Or(ref _asked[bit / 32], 1 << (bit % 32));
            }
        }
    }

    /// <summary>The number of the session that a record begins; 0 if it begins none, null if that is not to be told without more ado.</summary>
    public static int? Begun(scoped in RecordView view, ReadOnlySpan<int> fields)
    {
        // What two accounts have recorded is put together later.
        if (view.First(fields[2]) >= 0)
        {
            return null;
        }
        var value = view.First(fields[1]);
        return value < 0 ? 0
            : view.Fields[value] is { Kind: JsonKind.String, Next: < 0 } && view.TryText(value, out var key) ? GroupKey.Hash(key) | 1
            : null;
    }

    /// <summary>Whether anybody may ask for a session.</summary>
    public bool Holds(int session) => session != 0 && (_asked[BitOf(session) / 32] & (1 << (BitOf(session) % 32))) != 0;

    private static int BitOf(int session) => (session | 1) & (Bits - 1);
}
