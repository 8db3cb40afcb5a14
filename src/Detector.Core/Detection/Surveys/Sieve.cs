using Detector.Core.Rules;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection.Surveys;

/// <summary>Counts the records that meet some conditions, each for itself. For one thread.</summary>
internal sealed class Sieve
{
    private readonly FieldReader _fields;
    private readonly MatchScratch _scratch;
    private readonly Compiled[] _compiled;

    public Sieve(IReadOnlyList<Condition> conditions)
    {
        Conditions = conditions;
        _fields = new FieldReader(conditions.SelectMany(Implied.Fields));
        var predicates = new PredicateTable(_fields.Numbers);
        _compiled = [.. conditions.Select(condition => Compiled.From(condition, predicates))];
        _scratch = new MatchScratch(predicates.ToArray(), []);
        Met = new long[conditions.Count];
    }

    public IReadOnlyList<Condition> Conditions { get; }

    /// <summary>Records that met each condition.</summary>
    public long[] Met { get; }

    /// <summary>Records that met any of them.</summary>
    public long MetAny { get; private set; }

    /// <returns>Whether it meets any of the conditions.</returns>
    public bool Add(ReadOnlySpan<byte> record)
    {
        _scratch.NextRecord();
        var view = _fields.Read(record, scratch: _scratch);
        var any = false;
        for (var i = 0; i < _compiled.Length; i++)
        {
            if (_compiled[i].Holds(view))
            {
                Met[i]++;
                any = true;
            }
        }
        MetAny += any ? 1 : 0;
        return any;
    }

    public void Add(Sieve other)
    {
        for (var i = 0; i < Met.Length; i++)
        {
            Met[i] += other.Met[i];
        }
        MetAny += other.MetAny;
    }
}
