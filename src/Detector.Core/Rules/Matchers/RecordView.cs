using System.Runtime.CompilerServices;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules.Matchers;

/// <summary>One record as predicates see it.</summary>
internal readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> _fieldText;
    private readonly MatchScratch? _scratch;
    private readonly DerivedValues? _derived;

    /// <param name="json">The record.</param>
    /// <param name="fieldText">The text that the fields' slices point into.</param>
    /// <param name="fields">The record's fields.</param>
    /// <param name="scratch">What is already known of the record; null if nothing is to be remembered.</param>
    /// <param name="derived">Works out derived fields; null if none are asked for.</param>
    public RecordView(ReadOnlySpan<byte> json, ReadOnlySpan<byte> fieldText, FieldTable fields, MatchScratch? scratch, DerivedValues? derived = null)
    {
        Json = json;
        _fieldText = fieldText;
        Fields = fields;
        _scratch = scratch;
        _derived = derived;
    }

    public ReadOnlySpan<byte> Json { get; }

    public FieldTable Fields { get; }

    /// <summary>The number of a field's first value, or -1 if it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int First(int field) => _derived is null ? Fields.First(field) : _derived.First(field, Json, Fields);

    /// <summary>The answer to a predicate, evaluated at most once a record.</summary>
    public bool Holds(int predicate)
    {
        if (!_scratch!.TryKnown(predicate, out var holds))
        {
            holds = _scratch.Predicates[predicate].Holds(this);
            _scratch.Learn(predicate, holds);
        }
        return holds;
    }

    /// <summary>The answer to a predicate if the fields it asks for discriminate, else null.</summary>
    public bool? Decides(int predicate) => _scratch!.IsDiscriminating(predicate) ? _scratch.Predicates[predicate].Holds(this) : null;

    /// <summary>The text of a field's first value; false if it has none.</summary>
    public bool TryFirstText(int field, out ReadOnlySpan<byte> text)
    {
        text = default;
        return First(field) is >= 0 and var value && TryText(value, out text);
    }

    /// <summary>The text of a value: of an object its compact JSON; null and arrays (as opposed to their elements) have none.</summary>
    public bool TryText(int value, out ReadOnlySpan<byte> text)
    {
        ref readonly var slice = ref Fields[value];
        text = slice.Kind == JsonKind.Derived ? _derived!.Text(slice) : slice.In(_fieldText);
        switch (slice.Kind)
        {
            case JsonKind.String:
                text = text.Contains((byte)'\\') ? JsonText.Unescape(text) : text;
                return true;
            case JsonKind.Scalar or JsonKind.Derived:
                return true;
            case JsonKind.Object:
                text = JsonText.Compact(text);
                return true;
            default:
                return false;
        }
    }
}
