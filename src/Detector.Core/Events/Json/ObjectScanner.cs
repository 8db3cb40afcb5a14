using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Detector.Core.Events.Json;

/// <summary>
/// Finds the end of a JSON object and the selected fields inside it, in one pass over bitmaps of 64 bytes. Subtrees that nobody selected are passed by
/// counting brackets. It trusts the text to be JSON: whoever keeps a record checks it whole (<see cref="JsonText.IsValid"/>).
/// </summary>
internal static class ObjectScanner
{
    /// <summary>Containers deeper than this are passed over; CloudTrail's own records stay below 20.</summary>
    public const int MaxDepth = 64;

    /// <summary>The text ends before the object does.</summary>
    public const int Unfinished = -1;

    /// <summary>A bracket of the wrong kind closes the object.</summary>
    public const int Malformed = -2;

    private static readonly SearchValues<byte> EndOfScalar = SearchValues.Create(",}] \n\r\t"u8);

    /// <summary>Scans the object that begins at <paramref name="start"/>.</summary>
    /// <returns>The place behind the object's last byte, or <see cref="Unfinished"/> or <see cref="Malformed"/>.</returns>
    public static int Scan(ReadOnlySpan<byte> json, int start, FieldSelection selection, FieldTable table)
    {
        Span<Frame> frames = stackalloc Frame[MaxDepth];
        var depth = 0; // containers open, the one at hand included
        var here = Frame.Outside; // the container at hand; those around it are frames
        var skipping = 0; // brackets open inside a subtree that nobody selected
        var selected = 0; // the node of the key just read, or -1; the object itself is the root
        var block = default(JsonBlock);
        ulong lastQuotes = 0;
        var lastHasBackslash = false;

        table.Reset(selection.Paths.Count);
        for (var at = start; at < json.Length; at += JsonBlock.Size)
        {
            lastQuotes = block.Quotes;
            lastHasBackslash = block.HasBackslash;
            block.Load(json, at);
            var todo = ulong.MaxValue; // bits of this block that are still ahead

            while (true)
            {
                if (skipping > 0)
                {
                    var closes = block.Closes & todo;
                    if (BitOperations.PopCount(closes) < skipping)
                    {
                        skipping += BitOperations.PopCount(block.Opens & todo) - BitOperations.PopCount(closes);
                        break;
                    }
                    todo = LeaveSubtree(block.Opens & todo, closes, ref skipping) & todo;
                    continue;
                }

                var bits = (block.Opens | block.Closes | (here.IsArray ? block.Commas : block.Colons)) & todo;
                if (bits == 0)
                {
                    break;
                }
                var bit = bits & (0 - bits);
                var place = at + BitOperations.TrailingZeroCount(bits);
                todo = ~(bit | (bit - 1));

                if ((block.Colons & bit) != 0)
                {
                    selected = Select(json, place, at, block.Quotes, lastQuotes, block.HasBackslash | lastHasBackslash, selection, here.Node);
                    if (selected >= 0 && selection.FieldOf(selected) is >= 0 and var field)
                    {
                        AddScalar(json, place + 1, at, block.Quotes, field, table);
                    }
                }
                else if ((block.Closes & bit) != 0)
                {
                    if (here.Value >= 0)
                    {
                        table.End(here.Value, place + 1);
                    }
                    if (--depth <= 0)
                    {
                        return json[place] == '}' ? place + 1 : Malformed;
                    }
                    here = frames[depth];
                    selected = -1;
                }
                else if ((block.Opens & bit) != 0)
                {
                    var node = here.IsArray ? here.Node : selected;
                    selected = -1;
                    if (node < 0 || depth == MaxDepth)
                    {
                        skipping = 1;
                        continue;
                    }
                    var isArray = json[place] == '[';
                    var field = selection.FieldOf(node);
                    var value = field < 0 ? -1 : table.Add(field, isArray ? JsonKind.Array : JsonKind.Object, place, 0);
                    frames[depth++] = here;
                    here = new Frame(node, value, isArray);
                    if (isArray && field >= 0)
                    {
                        AddScalar(json, place + 1, at, block.Quotes, field, table);
                    }
                }
                else if (selection.FieldOf(here.Node) is >= 0 and var field)
                {
                    AddScalar(json, place + 1, at, block.Quotes, field, table);
                }
            }
        }
        return Unfinished;
    }

    /// <summary>Walks the brackets of one block until the subtree is left; returns the bits behind that place.</summary>
    private static ulong LeaveSubtree(ulong opens, ulong closes, ref int skipping)
    {
        for (var brackets = opens | closes; brackets != 0; brackets &= brackets - 1)
        {
            var bit = brackets & (0 - brackets);
            skipping += (opens & bit) != 0 ? 1 : -1;
            if (skipping == 0)
            {
                return ~(bit | (bit - 1));
            }
        }
        return 0;
    }

    /// <summary>The node for the key that ends before a colon, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Select(
        ReadOnlySpan<byte> json,
        int colon,
        int at,
        ulong quotes,
        ulong lastQuotes,
        bool hasBackslash,
        FieldSelection selection,
        int parent
    )
    {
        // Most keys stand whole in the colon's block, right before it.
        var closing = colon > at ? 1UL << (colon - at - 1) : 0;
        var before = (quotes & closing) != 0 ? quotes & (closing - 1) : 0;
        if (before != 0)
        {
            var inside = json[(at + BitOperations.Log2(before) + 1)..(colon - 1)];
            var child = selection.Child(parent, inside);
            return child >= 0 || !hasBackslash || !inside.Contains((byte)'\\') ? child : selection.Child(parent, JsonText.Unescape(inside));
        }
        var end = BackOverWhiteSpace(json, colon - 1);
        if (end < 0)
        {
            return -1;
        }
        // The opening quote is the last one before the closing one: in this block, or in the block before.
        int start;
        before = end > at ? quotes & ((1UL << (end - at)) - 1) : 0;
        if (before != 0)
        {
            start = at + BitOperations.Log2(before) + 1;
        }
        else
        {
            // Six bytes may stand for one. A longer key is nobody's; to look for its beginning would let garbage take quadratic time.
            start = OpeningQuote(json, at, end, lastQuotes, end - 1 - 6 * selection.LongestKey) + 1;
            if (start == 0)
            {
                return -1;
            }
        }
        var key = json[start..end];
        var node = selection.Child(parent, key);
        // Of blocks before the last one it is not known.
        return node >= 0 || (!hasBackslash && start >= at - JsonBlock.Size) || !key.Contains((byte)'\\')
            ? node
            : selection.Child(parent, JsonText.Unescape(key));
    }

    /// <summary>The quote before a colon that white space precedes, or -1 where there is none.</summary>
    private static int BackOverWhiteSpace(ReadOnlySpan<byte> json, int end)
    {
        while (end >= 0 && json[end] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            end--;
        }
        return end > 0 && json[end] == '"' ? end : -1;
    }

    /// <summary>The quote before a closing one, or -1 where there is none at or behind <paramref name="first"/>.</summary>
    private static int OpeningQuote(ReadOnlySpan<byte> json, int at, int end, ulong lastQuotes, int first)
    {
        // The closing quote itself may stand at the end of the block before.
        var lastBlock = at - JsonBlock.Size;
        if (end < at)
        {
            lastQuotes &= (1UL << (end - lastBlock)) - 1;
        }
        if (lastQuotes != 0)
        {
            return lastBlock + BitOperations.Log2(lastQuotes);
        }
        // A key longer than a block.
        for (var i = end - 1; i >= Math.Max(first, 0); i--)
        {
            if (json[i] == '"' && !IsEscaped(json, i))
            {
                return i;
            }
        }
        return -1;
    }

    private static bool IsEscaped(ReadOnlySpan<byte> json, int place)
    {
        var backslashes = 0;
        while (place - backslashes > 0 && json[place - backslashes - 1] == '\\')
        {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    /// <summary>Adds the string, number or literal that begins behind a place; a container is added when its bracket is reached.</summary>
    private static void AddScalar(ReadOnlySpan<byte> json, int from, int at, ulong quotes, int field, FieldTable table)
    {
        // Most strings begin right there and end in the same block, whose quotes are known.
        var bit = from - at;
        if (bit < JsonBlock.Size - 1 && (quotes & (1UL << bit)) != 0)
        {
            var ends = quotes & (~1UL << bit);
            if (ends != 0)
            {
                table.Add(field, JsonKind.String, from + 1, BitOperations.TrailingZeroCount(ends) - bit - 1);
                return;
            }
        }
        var start = JsonText.SkipWhiteSpace(json, from);
        if (start == json.Length)
        {
            return;
        }
        switch (json[start])
        {
            case (byte)'"':
                var end = JsonText.EndOfString(json, start + 1);
                if (end >= 0)
                {
                    table.Add(field, JsonKind.String, start + 1, end - start - 1);
                }
                break;
            case (byte)'{' or (byte)'[' or (byte)']' or (byte)'}' or (byte)',':
                break;
            default:
                var length = json[start..].IndexOfAny(EndOfScalar);
                var text = length < 0 ? json[start..] : json.Slice(start, length);
                table.Add(field, text.SequenceEqual("null"u8) ? JsonKind.Null : JsonKind.Scalar, start, text.Length);
                break;
        }
    }

    /// <summary>A container on the way to the place of the scan.</summary>
    /// <param name="Node">Its node in the selection.</param>
    /// <param name="Value">The table's value that ends with it, or -1.</param>
    /// <param name="IsArray">Whether its parts are elements, not keys.</param>
    private readonly record struct Frame(int Node, int Value, bool IsArray)
    {
        /// <summary>Before the object begins.</summary>
        public static Frame Outside => new(0, -1, false);
    }
}
