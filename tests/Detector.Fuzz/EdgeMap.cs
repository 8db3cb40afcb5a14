using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Detector.Fuzz;

/// <summary>
/// How often each edge of the code, from one branch to the next, was gone along. Instrumented code counts in a map of AFL's kind, a byte for each edge, where two edges may
/// meet; counts are told apart as AFL does it: 1, 2, 3, 4, and then from 8, 16, 32 and 128 on.
/// </summary>
internal sealed unsafe class EdgeMap
{
    private const int Size = 1 << 16;

    private readonly byte* _counts = (byte*)NativeMemory.AllocZeroed(Size); // as long as the process
    private readonly byte[] _seen = new byte[Size]; // a bit for each size of a count

    public EdgeMap() => Trace.SharedMem = _counts;

    /// <summary>Edges that were ever gone along.</summary>
    public int Edges { get; private set; }

    /// <summary>Forgets what the input before has reached.</summary>
    public void Clear()
    {
        new Span<byte>(_counts, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether since <see cref="Clear"/> an edge was gone along that never was before, or never that often.</summary>
    public bool Learn()
    {
        var learnt = false;
        var words = new ReadOnlySpan<ulong>(_counts, Size / sizeof(ulong));
        for (var word = 0; word < words.Length; word++)
        {
            if (words[word] == 0)
                continue;
            for (var edge = word * sizeof(ulong); edge < (word + 1) * sizeof(ulong); edge++)
            {
                var size = SizeOf(_counts[edge]);
                if ((size & ~_seen[edge]) == 0)
                    continue;
                learnt = true;
                Edges += _seen[edge] == 0 ? 1 : 0;
                _seen[edge] |= size;
            }
        }
        return learnt;
    }

    private static byte SizeOf(byte count) =>
        count switch
        {
            0 => 0,
            <= 2 => count,
            3 => 4,
            < 8 => 8,
            < 16 => 16,
            < 32 => 32,
            < 128 => 64,
            _ => 128,
        };
}
