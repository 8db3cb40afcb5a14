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
        From(condition, predicates, Implied.AnyField(condition, DerivedFields.IsReserved));

    /// <param name="condition">The condition.</param>
    /// <param name="predicates">Numbers what it asks.</param>
    /// <param name="sorted">Whether some of it may have to be worked out. That is asked last: seldom is it reached.</param>
    public static Compiled From(Condition condition, PredicateTable predicates, bool sorted) =>
        condition switch
        {
            Condition.And and => new All(From(and.Parts, predicates, sorted)),
            Condition.Or or => new Any(From(or.Parts, predicates, sorted)),
            Condition.Not not => new Not(From(not.Part, predicates, sorted)),
            _ => predicates.LeafOf(condition),
        };

    private static Compiled[] From(IReadOnlyList<Condition> parts, PredicateTable predicates, bool sorted)
    {
        var ordered = sorted ? [.. parts.OrderBy(Work)] : parts;
        var compiled = new Compiled[ordered.Count];
        for (var i = 0; i < compiled.Length; i++)
        {
            compiled[i] = From(ordered[i], predicates, sorted);
        }
        return compiled;
    }

    /// <summary>How much work a condition may be: least if the record's own fields answer it, most if history has to be asked.</summary>
    private static int Work(Condition condition) =>
        Implied.AnyField(condition, DerivedFields.NeedsHistory) ? 2
        : Implied.AnyField(condition, DerivedFields.IsReserved) ? 1
        : 0;

    /// <summary>Several parts, of which one can decide for all.</summary>
    private abstract class Several(Compiled[] parts) : Compiled
    {
        public sealed override IEnumerable<int> Predicates => Parts.SelectMany(part => part.Predicates);

        protected Compiled[] Parts { get; } = parts;

        /// <summary>The part that decides alone.</summary>
        protected abstract Compiled Decisive { get; }

        /// <summary>The part that makes no difference.</summary>
        protected abstract Compiled Neutral { get; }

        protected abstract Compiled With(Compiled[] others);

        public sealed override Compiled Given(scoped in RecordView record)
        {
            var given = new Compiled[Parts.Length];
            for (var i = 0; i < Parts.Length; i++)
            {
                given[i] = Parts[i].Given(record);
            }
            return Of(given);
        }

        protected sealed override Compiled FromThese(Func<int, bool> isAsked, Compiled otherwise) =>
            Of(Array.ConvertAll(Parts, part => part.FromThese(isAsked, otherwise)));

        private Compiled Of(Compiled[] others)
        {
            if (others.Contains(Decisive))
            {
                return Decisive;
            }
            Compiled[] left = [.. others.Where(part => part != Neutral)];
            return left switch
            {
                [] => Neutral,
                [var only] => only,
                _ => left.SequenceEqual(Parts) ? this : With(left),
            };
        }
    }

    private sealed class All(Compiled[] parts) : Several(parts)
    {
        protected override Compiled Decisive => Never;

        protected override Compiled Neutral => Always;

        public override bool Holds(scoped in RecordView record)
        {
            foreach (var part in Parts)
            {
                if (!part.Holds(record))
                {
                    return false;
                }
            }
            return true;
        }

        protected override Compiled With(Compiled[] others) => new All(others);
    }

    private sealed class Any(Compiled[] parts) : Several(parts)
    {
        protected override Compiled Decisive => Always;

        protected override Compiled Neutral => Never;

        public override bool Holds(scoped in RecordView record)
        {
            foreach (var part in Parts)
            {
                if (part.Holds(record))
                {
                    return true;
                }
            }
            return false;
        }

        protected override Compiled With(Compiled[] others) => new Any(others);
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

    /// <summary>The condition that is one predicate.</summary>
    internal sealed class Leaf(int predicate) : Compiled
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
