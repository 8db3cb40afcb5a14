using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules.Matchers;

/// <summary>A condition over numbered predicates, so that a predicate that many rules share is evaluated once a record.</summary>
internal abstract class Compiled
{
    /// <summary>Whether the condition holds for the record.</summary>
    public abstract bool Holds(scoped in RecordView record);

    /// <summary>What is left of the condition for records that share this one's discriminating values; it holds for the same of them.</summary>
    public abstract Compiled Given(scoped in RecordView record);

    /// <summary>The predicates that it may ask.</summary>
    public abstract IEnumerable<int> Predicates { get; }

    /// <summary>What some predicates alone tell of the condition: another one, which holds wherever this one does, and asks for none but these.</summary>
    /// <param name="isAsked">Whether a predicate may be asked.</param>
    public Compiled FromThese(Func<int, bool> isAsked) => FromThese(isAsked, Always);

    /// <param name="isAsked">Whether a predicate may be asked.</param>
    /// <param name="otherwise">What stands for the others: with <see cref="Never"/> this one holds wherever the result does.</param>
    protected abstract Compiled FromThese(Func<int, bool> isAsked, Compiled otherwise);

    /// <summary>Holds for no record.</summary>
    public static Compiled Never { get; } = new Any([]);

    /// <summary>Holds for every record.</summary>
    public static Compiled Always { get; } = new All([]);

    public static Compiled From(Condition condition, PredicateTable predicates) =>
        condition switch
        {
            // What must be worked out is asked last: seldom is it reached.
            Condition.And and => new All([.. and.Parts.OrderBy(Work).Select(p => From(p, predicates))]),
            Condition.Or or => new Any([.. or.Parts.OrderBy(Work).Select(p => From(p, predicates))]),
            Condition.Not not => new Not(From(not.Part, predicates)),
            _ => new Leaf(predicates.NumberOf(condition)),
        };

    /// <summary>How much work a condition may be: least if the record's own fields answer it, most if history has to be asked.</summary>
    private static int Work(Condition condition) =>
        Implied
            .Fields(condition)
            .Max(field =>
                (int?)(
                    DerivedFields.NeedsHistory(field) ? 2
                    : DerivedFields.IsReserved(field) ? 1
                    : 0
                )
            )
        ?? 0;

    private static Compiled[] Given(Compiled[] parts, scoped in RecordView record)
    {
        var given = new Compiled[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            given[i] = parts[i].Given(record);
        }
        return given;
    }

    private sealed class All(Compiled[] parts) : Compiled
    {
        public override IEnumerable<int> Predicates => parts.SelectMany(part => part.Predicates);

        public override bool Holds(scoped in RecordView record)
        {
            foreach (var part in parts)
            {
                if (!part.Holds(record))
                {
                    return false;
                }
            }
            return true;
        }

        public override Compiled Given(scoped in RecordView record) => Of(Given(parts, record));

        protected override Compiled FromThese(Func<int, bool> isAsked, Compiled otherwise) =>
            Of(Array.ConvertAll(parts, part => part.FromThese(isAsked, otherwise)));

        private Compiled Of(Compiled[] others)
        {
            if (others.Contains(Never))
            {
                return Never;
            }
            Compiled[] left = [.. others.Where(part => part != Always)];
            return left switch
            {
                [] => Always,
                [var only] => only,
                _ => left.SequenceEqual(parts) ? this : new All(left),
            };
        }
    }

    private sealed class Any(Compiled[] parts) : Compiled
    {
        public override IEnumerable<int> Predicates => parts.SelectMany(part => part.Predicates);

        public override bool Holds(scoped in RecordView record)
        {
            foreach (var part in parts)
            {
                if (part.Holds(record))
                {
                    return true;
                }
            }
            return false;
        }

        public override Compiled Given(scoped in RecordView record) => Of(Given(parts, record));

        protected override Compiled FromThese(Func<int, bool> isAsked, Compiled otherwise) =>
            Of(Array.ConvertAll(parts, part => part.FromThese(isAsked, otherwise)));

        private Compiled Of(Compiled[] others)
        {
            if (others.Contains(Always))
            {
                return Always;
            }
            Compiled[] left = [.. others.Where(part => part != Never)];
            return left switch
            {
                [] => Never,
                [var only] => only,
                _ => left.SequenceEqual(parts) ? this : new Any(left),
            };
        }
    }

    private sealed class Not(Compiled part) : Compiled
    {
        public override IEnumerable<int> Predicates => part.Predicates;

        public override bool Holds(scoped in RecordView record) => !part.Holds(record);

        public override Compiled Given(scoped in RecordView record) => Of(part.Given(record));

        protected override Compiled FromThese(Func<int, bool> isAsked, Compiled otherwise) => Of(part.FromThese(isAsked, otherwise == Always ? Never : Always));

        private Compiled Of(Compiled other) =>
            other == Never ? Always
            : other == Always ? Never
            : other == part ? this
            : new Not(other);
    }

    private sealed class Leaf(int predicate) : Compiled
    {
        public override IEnumerable<int> Predicates => [predicate];

        public override bool Holds(scoped in RecordView record) => record.Holds(predicate);

        public override Compiled Given(scoped in RecordView record) =>
            record.Decides(predicate) is not { } holds ? this
            : holds ? Always
            : Never;

        protected override Compiled FromThese(Func<int, bool> isAsked, Compiled otherwise) => isAsked(predicate) ? this : otherwise;
    }
}
