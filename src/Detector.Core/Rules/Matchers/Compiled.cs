using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules.Matchers;

/// <summary>A condition over numbered predicates, so that a predicate that many rules share is evaluated once a record.</summary>
internal abstract class Compiled
{
    /// <summary>Whether the condition holds for the record.</summary>
    public abstract bool Holds(scoped in RecordView record);

    /// <summary>What the condition is if only the discriminating fields are known.</summary>
    public abstract Truth Guess(scoped in RecordView record);

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

    private sealed class All(Compiled[] parts) : Compiled
    {
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

        public override Truth Guess(scoped in RecordView record)
        {
            var all = Truth.True;
            foreach (var part in parts)
            {
                switch (part.Guess(record))
                {
                    case Truth.False:
                        return Truth.False;
                    case Truth.Unknown:
                        all = Truth.Unknown;
                        break;
                }
            }
            return all;
        }
    }

    private sealed class Any(Compiled[] parts) : Compiled
    {
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

        public override Truth Guess(scoped in RecordView record)
        {
            var any = Truth.False;
            foreach (var part in parts)
            {
                switch (part.Guess(record))
                {
                    case Truth.True:
                        return Truth.True;
                    case Truth.Unknown:
                        any = Truth.Unknown;
                        break;
                }
            }
            return any;
        }
    }

    private sealed class Not(Compiled part) : Compiled
    {
        public override bool Holds(scoped in RecordView record) => !part.Holds(record);

        public override Truth Guess(scoped in RecordView record) =>
            part.Guess(record) switch
            {
                Truth.True => Truth.False,
                Truth.False => Truth.True,
                _ => Truth.Unknown,
            };
    }

    private sealed class Leaf(int predicate) : Compiled
    {
        public override bool Holds(scoped in RecordView record) => record.Holds(predicate);

        public override Truth Guess(scoped in RecordView record) => record.Guess(predicate);
    }
}

/// <summary>Kleene's three values.</summary>
internal enum Truth
{
    False,
    Unknown,
    True,
}
