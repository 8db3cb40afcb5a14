using System.Text;
using System.Text.Json;
using Detector.Core.Events.Json;

namespace Detector.Core.Rules.Matchers;

/// <summary>One question asked of one record; rules share it by number.</summary>
/// <param name="fields">The fields that the answer depends on; none for all values of the record.</param>
internal abstract class Predicate(params int[] fields)
{
    public IReadOnlyList<int> Fields { get; } = fields;

    public abstract bool Holds(scoped in RecordView record);

    public static Predicate From(Condition leaf, IReadOnlyDictionary<string, int> numbers) =>
        leaf switch
        {
            Condition.Field { Test: FieldTest.IsNull } f => new NullPredicate(numbers[f.Path]),
            Condition.Field { Test: FieldTest.Exists exists } f => new ExistsPredicate(numbers[f.Path], exists.Present),
            Condition.Field { Test: FieldTest.SameAs same } f => new SameAsPredicate(numbers[f.Path], numbers[same.OtherField], same),
            Condition.Field f => new ValuePredicate(numbers[f.Path], f.Test),
            Condition.Keyword keyword => new KeywordPredicate(ValueTest.From(keyword.Test)),
            _ => throw new ArgumentException($"{leaf.GetType().Name} is no leaf of a condition", nameof(leaf)),
        };

    private sealed class NullPredicate(int field) : Predicate(field)
    {
        public override bool Holds(scoped in RecordView record)
        {
            var value = record.First(field);
            if (value < 0)
            {
                return true;
            }
            for (; value >= 0; value = record.Fields[value].Next)
            {
                if (record.Fields[value].Kind == JsonKind.Null)
                {
                    return true;
                }
            }
            return false;
        }
    }

    private sealed class ExistsPredicate(int field, bool present) : Predicate(field)
    {
        public override bool Holds(scoped in RecordView record) => record.First(field) >= 0 == present;
    }

    private sealed class ValuePredicate(int field, FieldTest test) : Predicate(field)
    {
        // Of many rules most are never asked: what the test needs is made when it is. Two threads may both make it, which does no harm.
        private ValueTest? _asked;

        public override bool Holds(scoped in RecordView record)
        {
            for (var value = record.First(field); value >= 0; value = record.Fields[value].Next)
            {
                if (record.TryText(value, out var text) && (_asked ??= ValueTest.From(test)).Meets(text))
                {
                    return true;
                }
            }
            return false;
        }
    }

    private sealed class SameAsPredicate(int field, int other, FieldTest.SameAs test) : Predicate(field, other)
    {
        public override bool Holds(scoped in RecordView record)
        {
            for (var value = record.First(field); value >= 0; value = record.Fields[value].Next)
            {
                if (!record.TryText(value, out var text))
                {
                    continue;
                }
                var own = Encoding.UTF8.GetString(text);
                for (var o = record.First(other); o >= 0; o = record.Fields[o].Next)
                {
                    if (record.TryText(o, out var otherText) && Compare(own, Encoding.UTF8.GetString(otherText)))
                    {
                        return true;
                    }
                }
            }
            return false;
        }

        private bool Compare(string own, string other)
        {
            var comparison = test.Cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            return test.Anchor switch
            {
                TextAnchor.Anywhere => own.Contains(other, comparison),
                TextAnchor.Start => own.StartsWith(other, comparison),
                TextAnchor.End => own.EndsWith(other, comparison),
                _ => own.Equals(other, comparison),
            };
        }
    }

    private sealed class KeywordPredicate(ValueTest test) : Predicate
    {
        public override bool Holds(scoped in RecordView record)
        {
            try
            {
                return AnyMeets(record.Json);
            }
            catch (JsonException)
            {
                // The scan that found the record trusts brackets alone: behind the place where it stops being JSON there are no values.
                return false;
            }
        }

        private bool AnyMeets(ReadOnlySpan<byte> json)
        {
            var reader = new Utf8JsonReader(json, JsonText.ReadOptions);
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.String:
                        if (test.Meets(reader.ValueIsEscaped ? JsonText.Unescape(reader.ValueSpan) : reader.ValueSpan))
                        {
                            return true;
                        }
                        break;
                    case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                        if (test.Meets(reader.ValueSpan))
                        {
                            return true;
                        }
                        break;
                }
            }
            return false;
        }
    }
}
