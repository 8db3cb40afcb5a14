using System.Runtime.CompilerServices;

namespace Detector.Core.Events.Json;

/// <summary>
/// Where the selected fields of one record stand in its JSON: slices, not copies. One table serves record after record; a field may have several values,
/// because an array on its way means any element.
/// </summary>
public sealed class FieldTable
{
    private int[] _first = [];
    private int[] _last = [];
    private Value[] _values = new Value[64];
    private int _count;

    /// <summary>Where a scan notes the containers on its way.</summary>
    internal ObjectScanner.Frame[] Frames { get; } = new ObjectScanner.Frame[ObjectScanner.MaxDepth];

    /// <summary>Forgets the last record and makes room for <paramref name="fields"/> fields.</summary>
    public void Reset(int fields)
    {
        if (_first.Length < fields)
        {
            _first = new int[fields];
            _last = new int[fields];
        }
        _first.AsSpan(0, fields).Fill(-1);
        _count = 0;
    }

    /// <summary>The number of the field's first value, or -1 if the record has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int First(int field) => _first[field];

    /// <summary>A value by its number; <see cref="Value.Next"/> leads to the field's next one.</summary>
    public ref readonly Value this[int value] => ref _values[value];

    internal int Add(int field, JsonKind kind, int start, int length)
    {
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, _count * 2);
        }
        var number = _count++;
        _values[number] = new Value(start, length, -1, kind);
        if (_first[field] < 0)
        {
            _first[field] = number;
        }
        else
        {
            _values[_last[field]] = _values[_last[field]] with { Next = number };
        }
        _last[field] = number;
        return number;
    }

    internal void End(int value, int end) => _values[value] = _values[value] with { Length = end - _values[value].Start };

    /// <summary>One value: a slice of the JSON that was scanned.</summary>
    /// <param name="Start">First byte; for a string the one behind the quote.</param>
    /// <param name="Length">In bytes; for a string without its quotes, still escaped.</param>
    /// <param name="Next">The field's next value, or -1.</param>
    /// <param name="Kind">What it is.</param>
    public readonly record struct Value(int Start, int Length, int Next, JsonKind Kind)
    {
        /// <summary>The value's bytes in the JSON that was scanned.</summary>
        public ReadOnlySpan<byte> In(ReadOnlySpan<byte> json) => json.Slice(Start, Length);
    }
}

/// <summary>What a JSON value is.</summary>
public enum JsonKind : byte
{
    /// <summary>A string.</summary>
    String,

    /// <summary>A number, true or false: its text is its value.</summary>
    Scalar,

    /// <summary>null.</summary>
    Null,

    /// <summary>An object.</summary>
    Object,

    /// <summary>An array: it says that the field is present; its elements follow as values of their own.</summary>
    Array,

    /// <summary>A text that was worked out and stands elsewhere.</summary>
    Derived,
}
