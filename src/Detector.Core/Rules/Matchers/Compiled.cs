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

        public override Compiled Given(scoped in RecordView record)
        {
            var left = new List<Compiled>(parts.Length);
            foreach (var part in parts)
            {
                var given = part.Given(record);
                if (given == Never)
                {
                    return Never;
                }
                if (given != Always)
                {
                    left.Add(given);
                }
            }
            return left switch
            {
                [] => Always,
                [var only] => only,
                _ => left.SequenceEqual(parts) ? this : new All([.. left]),
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

        public override Compiled Given(scoped in RecordView record)
        {
            var left = new List<Compiled>(parts.Length);
            foreach (var part in parts)
            {
                var given = part.Given(record);
                if (given == Always)
                {
                    return Always;
                }
                if (given != Never)
                {
                    left.Add(given);
                }
            }
            return left switch
            {
                [] => Never,
                [var only] => only,
                _ => left.SequenceEqual(parts) ? this : new Any([.. left]),
            };
        }
    }

    private sealed class Not(Compiled part) : Compiled
    {
        public override IEnumerable<int> Predicates => part.Predicates;

        public override bool Holds(scoped in RecordView record) => !part.Holds(record);

        public override Compiled Given(scoped in RecordView record)
        {
            var given = part.Given(record);
            return given == Never ? Always
                : given == Always ? Never
                : given == part ? this
                : new Not(given);
        }
    }

    private sealed class Leaf(int predicate) : Compiled
    {
        public override IEnumerable<int> Predicates => [predicate];

        public override bool Holds(scoped in RecordView record) => record.Holds(predicate);

        public override Compiled Given(scoped in RecordView record) =>
            record.Decides(predicate) is not { } holds ? this
            : holds ? Always
            : Never;
    }
}
