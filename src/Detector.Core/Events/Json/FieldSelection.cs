using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Detector.Core.Events.Json;

/// <summary>
/// The dotted paths that somebody wants of a record, as a tree that a scan walks down. A key that itself contains dots is found too: the node for
/// <c>a.b</c> hangs below the root under the key <c>a.b</c> and below the node for <c>a</c> under the key <c>b</c>.
/// </summary>
public sealed class FieldSelection
{
    private readonly Node[] _nodes;

    private FieldSelection(Node[] nodes, string[] paths)
    {
        _nodes = nodes;
        Paths = paths;
        LongestKey = paths.Max(path => (int?)Encoding.UTF8.GetByteCount(path)) ?? 0;
    }

    /// <summary>The paths, by field number.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The field numbers, by path.</summary>
    internal Dictionary<string, int> Numbers => field ??= Paths.Index().ToDictionary(path => path.Item, path => path.Index, StringComparer.Ordinal);

    /// <summary>Bytes of the longest key that can lead to a path, which is the longest path itself.</summary>
    internal int LongestKey { get; }

    /// <summary>A selection of the given paths; a path's place in the list is its field number.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="inRecords">Which of them to look for; others have a number and are never found. Null for all.</param>
    public static FieldSelection Of(IReadOnlyList<string> paths, Func<string, bool>? inRecords = null)
    {
        var prefixes = new Dictionary<string, int>(StringComparer.Ordinal);
        var edges = new List<Dictionary<string, int>> { new(StringComparer.Ordinal) };
        var fields = new List<int> { -1 };
        for (var field = 0; field < paths.Count; field++)
        {
            if (inRecords?.Invoke(paths[field]) != false)
            {
                fields[NodeOf(paths[field])] = field;
            }
        }
        var nodes = new Node[edges.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new Node(fields[i], edges[i]);
        }
        return new FieldSelection(nodes, [.. paths]);

        int NodeOf(string prefix)
        {
            if (prefixes.TryGetValue(prefix, out var known))
            {
                return known;
            }
            var node = edges.Count;
            prefixes.Add(prefix, node);
            edges.Add(new Dictionary<string, int>(StringComparer.Ordinal));
            fields.Add(-1);
            // Every way to split the path into a parent and one key leads here.
            edges[0][prefix] = node;
            for (var dot = prefix.LastIndexOf('.'); dot >= 0; dot = dot == 0 ? -1 : prefix.LastIndexOf('.', dot - 1))
            {
                edges[NodeOf(prefix[..dot])][prefix[(dot + 1)..]] = node;
            }
            return node;
        }
    }

    /// <summary>The field that a node stands for, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int FieldOf(int node) => _nodes[node].Field;

    /// <summary>The node below <paramref name="node"/> for a key of plain UTF-8 (no escapes), or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Child(int node, ReadOnlySpan<byte> key) => _nodes[node].Child(key);

    /// <summary>How many bytes before a key's closing quote <see cref="MayBeChild"/> looks at.</summary>
    internal const int KeyEnd = sizeof(uint);

    /// <summary>Whether a key may lead from a node to another, as far as its last bytes tell. Few that lead nowhere are let through.</summary>
    /// <param name="node">The node.</param>
    /// <param name="closing">The closing quote, with at least <see cref="KeyEnd"/> bytes before it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool MayBeChild(int node, ref byte closing) => _nodes[node].MayHave(Unsafe.ReadUnaligned<uint>(ref Unsafe.Subtract(ref closing, KeyEnd)));

    /// <summary>One node: a small hash table of keys, by their length and first and last bytes.</summary>
    private sealed class Node
    {
        private const int EndBits = 11;

        private readonly Slot[] _slots;
        private readonly int _mask;
        private readonly uint[] _ends = new uint[(1 << EndBits) / 32]; // a bit for each hash of a key's end

        public Node(int field, Dictionary<string, int> children)
        {
            Field = field;
            var size = 2;
            while (size < children.Count * 4)
            {
                size *= 2;
            }
            _mask = size - 1;
            _slots = new Slot[size];
            foreach (var (key, node) in children)
            {
                var bytes = Encoding.UTF8.GetBytes(key);
                var at = (int)Hash(bytes) & _mask;
                while (_slots[at].Key is not null)
                {
                    at = (at + 1) & _mask;
                }
                _slots[at] = new Slot(bytes, node);
                AddEnd(bytes);
            }
        }

        public int Field { get; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Child(ReadOnlySpan<byte> key)
        {
            var slots = _slots;
            for (var at = (int)Hash(key) & _mask; slots[at].Key is { } candidate; at = (at + 1) & _mask)
            {
                if (Same(key, candidate))
                {
                    return slots[at].Node;
                }
            }
            return -1;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MayHave(uint end)
        {
            var hash = HashOfEnd(end);
            return ((_ends[hash / 32] >> (int)hash) & 1) != 0;
        }

        private void AddEnd(ReadOnlySpan<byte> key)
        {
            // The opening quote stands before a key of three bytes; before that of a shorter one, anything may.
            ReadOnlySpan<byte> quoted = [(byte)'"', .. key];
            if (quoted.Length < KeyEnd)
            {
                Array.Fill(_ends, uint.MaxValue);
                return;
            }
            var hash = HashOfEnd(MemoryMarshal.Read<uint>(quoted[^KeyEnd..]));
            _ends[hash / 32] |= 1u << (int)hash;
        }

        private static uint HashOfEnd(uint end) => (end * 2654435769u) >> (32 - EndBits);

        /// <summary>Most of CloudTrail's keys have 8 to 16 bytes: their first eight and their last eight, which may overlap.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static bool Same(ReadOnlySpan<byte> key, byte[] candidate)
        {
            if (key.Length != candidate.Length)
            {
                return false;
            }
            if (key.Length is < sizeof(ulong) or > 2 * sizeof(ulong))
            {
                return key.SequenceEqual(candidate);
            }
            ref var a = ref MemoryMarshal.GetReference(key);
            ref var b = ref MemoryMarshal.GetArrayDataReference(candidate);
            var last = key.Length - sizeof(ulong);
            return Unsafe.ReadUnaligned<ulong>(ref a) == Unsafe.ReadUnaligned<ulong>(ref b)
                && Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, last)) == Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref b, last));
        }

        /// <summary>Length and the last four bytes tell CloudTrail's keys apart well enough.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static uint Hash(ReadOnlySpan<byte> key)
        {
            uint tail = 0;
            if (key.Length >= 4)
            {
                tail = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetReference(key), key.Length - 4));
            }
            else
            {
                foreach (var b in key)
                {
                    tail = (tail << 8) | b;
                }
            }
            return ((tail + (uint)key.Length) * 2654435769u) >> 16;
        }

        private readonly record struct Slot(byte[]? Key, int Node);
    }
}
