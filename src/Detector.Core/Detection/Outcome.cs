using Detector.Core.Detection.History;

namespace Detector.Core.Detection;

/// <summary>
/// What stage 2 decided: findings to tell, facts to remember and to forget, hits to journal, then hits to forget, in that order, so that a crash in between repeats
/// and never loses.
/// </summary>
public sealed class Outcome
{
    private readonly List<Finding> _findings = [];
    private readonly List<LearnedFact> _learned = [];
    private readonly HashSet<FactKey> _unlearned = [];
    private readonly List<JournaledHit> _journal = [];
    private readonly List<HitKey> _forgotten = [];

    /// <summary>Rules that were met.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>What history learned.</summary>
    public IReadOnlyList<LearnedFact> Learned => _learned;

    /// <summary>What history forgot, and has not learned since.</summary>
    public IReadOnlyCollection<FactKey> Unlearned => _unlearned;

    /// <summary>Hits that correlations and rules that wait made for the correlations that build on them.</summary>
    public IReadOnlyList<JournaledHit> Journal => _journal;

    /// <summary>Journaled hits that no window needs any more.</summary>
    public IReadOnlyList<HitKey> Forgotten => _forgotten;

    internal void Add(Finding finding) => _findings.Add(finding);

    internal void Keep(JournaledHit hit) => _journal.Add(hit);

    internal void Add(LearnedFact learned)
    {
        _learned.Add(learned);
        _unlearned.Remove(learned.Key);
    }

    internal void Unlearn(FactKey fact) => _unlearned.Add(fact);

    /// <summary>Takes in an outcome from before this one.</summary>
    internal void Add(Outcome other)
    {
        _findings.AddRange(other._findings);
        _unlearned.UnionWith(other._unlearned.Except(_learned.Select(fact => fact.Key)));
        _learned.InsertRange(0, other._learned);
        _journal.AddRange(other._journal);
        _forgotten.AddRange(other._forgotten);
    }

    internal void Forget(HitKey hit) => _forgotten.Add(hit);
}
