namespace Detector.Core.Rules.Matchers;

/// <summary>Remembers the answers to predicates for one record at a time.</summary>
/// <param name="predicates">All predicates of the rule set.</param>
/// <param name="discriminators">Numbers of the fields that discriminate.</param>
internal sealed class MatchScratch(Predicate[] predicates, int[] discriminators)
{
    private readonly int[] _answeredIn = new int[predicates.Length];
    private readonly bool[] _answers = new bool[predicates.Length];
    private readonly bool[] _discriminates = [.. predicates.Select(p => p.Fields is [var field] && discriminators.Contains(field))];
    private int _record = 1;

    public Predicate[] Predicates { get; } = predicates;

    public void NextRecord()
    {
        if (_record == int.MaxValue)
        {
            Array.Clear(_answeredIn);
            _record = 0;
        }
        _record++;
    }

    public bool TryKnown(int predicate, out bool holds)
    {
        holds = _answers[predicate];
        return _answeredIn[predicate] == _record;
    }

    public void Learn(int predicate, bool holds)
    {
        _answeredIn[predicate] = _record;
        _answers[predicate] = holds;
    }

    public bool IsDiscriminating(int predicate) => _discriminates[predicate];
}
