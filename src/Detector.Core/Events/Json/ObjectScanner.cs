using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
        Span<byte> spare = stackalloc byte[JsonBlock.Size];
        var frames = table.Frames;
        var depth = 0; // containers open, the one at hand included
        var here = Frame.Outside; // the container at hand; those around it are frames
        var skipping = 0; // brackets open inside a subtree that nobody selected
        var selected = 0; // the node of the key just read, or -1; the object itself is the root
        var (field, begun) = (-1, 0); // the field whose text has begun in a block before, and where
        var block = default(JsonBlock);

        table.Reset(selection.Paths.Count);
        for (var at = start; at < json.Length; at += JsonBlock.Size)
        {
            var lastQuotes = block.Quotes;
            var hasBackslash = block.HasBackslash;
            ref var bytes = ref JsonBlock.At(json, at, spare);
            block.Load(ref bytes);
            hasBackslash |= block.HasBackslash;
            var todo = ulong.MaxValue; // bits of this block that are still ahead

            if (skipping > 0)
            {
                todo = LeaveSubtree(block.Opens, block.Closes, ref skipping);
                if (todo == 0)
                {
                    continue;
                }
            }
            if (field >= 0 && block.Quotes != 0)
            {
                table.Add(field, JsonKind.String, begun, at + BitOperations.TrailingZeroCount(block.Quotes) - begun);
                field = -1;
            }
            var colons = block.Outside(ref bytes, (byte)':');
            // The closing quotes of keys whose last bytes are what they seem: a key with escapes, or one longer than a block, may be another.
            var plain = hasBackslash || lastQuotes == 0 || at < FieldSelection.KeyEnd ? 0 : block.Quotes;
            var marks = here.IsArray ? block.Outside(ref bytes, (byte)',') : colons;

            while (true)
            {
                var bits = (block.Opens | block.Closes | marks) & todo;
                if (bits == 0)
                {
                    break;
                }
                var bit = bits & (0 - bits);
                var place = at + BitOperations.TrailingZeroCount(bits);
                todo = ~(bit | (bit - 1));

                if ((marks & bit) != 0)
                {
                    var node = here.Node;
                    if (!here.IsArray)
                    {
                        // Most keys are nobody's, and told by their last bytes.
                        if ((plain & (bit >> 1)) != 0 && !selection.MayBeChild(node, ref Unsafe.Add(ref MemoryMarshal.GetReference(json), place - 1)))
                        {
                            selected = -1;
                            continue;
                        }
                        node = selected = Select(json, place, new Quotes(at, block.Quotes, lastQuotes, hasBackslash), selection, node);
                    }
                    if (node >= 0 && selection.FieldOf(node) is >= 0 and var found)
                    {
                        (field, begun) = AddScalar(json, place + 1, at, block.Quotes, found, table);
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
                    marks = here.IsArray ? block.Outside(ref bytes, (byte)',') : colons;
                }
                else
                {
                    var node = here.IsArray ? here.Node : selected;
                    selected = -1;
                    if (node < 0 || depth == MaxDepth)
                    {
                        skipping = 1;
                        todo &= LeaveSubtree(block.Opens & todo, block.Closes & todo, ref skipping);
                        continue;
                    }
                    var isArray = json[place] == '[';
                    var found = selection.FieldOf(node);
                    var value = found < 0 ? -1 : table.Add(found, isArray ? JsonKind.Array : JsonKind.Object, place, 0);
                    frames[depth++] = here;
                    here = new Frame(node, value, isArray);
                    marks = isArray ? block.Outside(ref bytes, (byte)',') : colons;
                    if (isArray && found >= 0)
                    {
                        (field, begun) = AddScalar(json, place + 1, at, block.Quotes, found, table);
                    }
                }
            }
        }
        return Unfinished;
    }

    /// <summary>Walks some of a block's brackets until the subtree is left; returns the bits behind that place, or none if the subtree goes on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong LeaveSubtree(ulong opens, ulong closes, ref int skipping)
    {
        var closing = BitOperations.PopCount(closes);
        if (closing < skipping)
        {
            skipping += BitOperations.PopCount(opens) - closing;
            return 0;
        }
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
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Select(ReadOnlySpan<byte> json, int colon, in Quotes quotes, FieldSelection selection, int parent)
    {
        // Most keys stand right before the colon, and begin in its block or the one before.
        var closing = colon > quotes.At ? 1UL << (colon - quotes.At - 1) : 0;
        if ((quotes.Here & closing) != 0)
        {
            var opening =
                (quotes.Here & (closing - 1)) is not 0 and var before ? quotes.At + BitOperations.Log2(before)
                : quotes.Before != 0 ? quotes.At - JsonBlock.Size + BitOperations.Log2(quotes.Before)
                : -1;
            if (opening >= 0)
            {
                var inside = json[(opening + 1)..(colon - 1)];
                var child = selection.Child(parent, inside);
                return child >= 0 || !quotes.HasBackslash || !inside.Contains((byte)'\\') ? child : selection.Child(parent, JsonText.Unescape(inside));
            }
        }
        return SelectAfar(json, colon, quotes, selection, parent);
    }

    /// <summary>The same where white space or a long key lies between.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int SelectAfar(ReadOnlySpan<byte> json, int colon, in Quotes quotes, FieldSelection selection, int parent)
    {
        var end = BackOverWhiteSpace(json, colon - 1);
        if (end < 0)
        {
            return -1;
        }
        // The opening quote is the last one before the closing one: in this block, or in the block before.
        int start;
        var before = end > quotes.At ? quotes.Here & ((1UL << (end - quotes.At)) - 1) : 0;
        if (before != 0)
        {
            start = quotes.At + BitOperations.Log2(before) + 1;
        }
        else
        {
            // Six bytes may stand for one. A longer key is nobody's; to look for its beginning would let garbage take quadratic time.
            start = OpeningQuote(json, quotes, end, end - 1 - 6 * selection.LongestKey) + 1;
            if (start == 0)
            {
                return -1;
            }
        }
        var key = json[start..end];
        var node = selection.Child(parent, key);
        // Of blocks before the last one it is not known.
        return node >= 0 || (!quotes.HasBackslash && start >= quotes.At - JsonBlock.Size) || !key.Contains((byte)'\\')
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
    private static int OpeningQuote(ReadOnlySpan<byte> json, in Quotes quotes, int end, int first)
    {
        // The closing quote itself may stand at the end of the block before.
        var lastBlock = quotes.At - JsonBlock.Size;
        var before = end < quotes.At ? quotes.Before & ((1UL << (end - lastBlock)) - 1) : quotes.Before;
        if (before != 0)
        {
            return lastBlock + BitOperations.Log2(before);
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
    /// <returns>The field and the text's first byte, if it is a string that goes on behind the block; else no field.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Field, int Begun) AddScalar(ReadOnlySpan<byte> json, int from, int at, ulong quotes, int field, FieldTable table)
    {
        // Most strings begin right there.
        var bit = from - at;
        if (bit == JsonBlock.Size || (quotes & (1UL << bit)) == 0)
        {
            AddAfar(json, from, field, table);
            return (-1, 0);
        }
        var ends = quotes & (~1UL << bit);
        if (ends == 0)
        {
            return (field, from + 1);
        }
        table.Add(field, JsonKind.String, from + 1, BitOperations.TrailingZeroCount(ends) - bit - 1);
        return (-1, 0);
    }

    /// <summary>The same for what is no string, or begins behind white space or in the next block.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddAfar(ReadOnlySpan<byte> json, int from, int field, FieldTable table)
    {
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

    /// <summary>What is known of the quotes before a colon.</summary>
    /// <param name="At">Where the colon's block begins.</param>
    /// <param name="Here">That block's.</param>
    /// <param name="Before">Those of the block before.</param>
    /// <param name="HasBackslash">Whether one of the two holds a backslash.</param>
    private readonly record struct Quotes(int At, ulong Here, ulong Before, bool HasBackslash);

    /// <summary>A container on the way to the place of the scan.</summary>
    /// <param name="Node">Its node in the selection.</param>
    /// <param name="Value">The table's value that ends with it, or -1.</param>
    /// <param name="IsArray">Whether its parts are elements, not keys.</param>
    internal readonly record struct Frame(int Node, int Value, bool IsArray)
    {
        /// <summary>Before the object begins.</summary>
        public static Frame Outside => new(0, -1, false);
    }
}
