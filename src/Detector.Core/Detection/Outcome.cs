using Detector.Core.Detection.History;

namespace Detector.Core.Detection;

/// <summary>
/// What stage 2 decided: findings to tell, facts to remember, hits to journal, then hits to forget, in that order, so that a crash in between repeats and never
/// loses.
/// </summary>
public sealed class Outcome
{
    private readonly List<Finding> _findings = [];
    private readonly List<LearnedFact> _learned = [];
    private readonly List<JournaledHit> _journal = [];
    private readonly List<HitKey> _forgotten = [];

    /// <summary>Rules that were met.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>What history learned.</summary>
    public IReadOnlyList<LearnedFact> Learned => _learned;

    /// <summary>Hits that correlations and rules that wait made for the correlations that build on them.</summary>
    public IReadOnlyList<JournaledHit> Journal => _journal;

    /// <summary>Journaled hits that no window needs any more.</summary>
    public IReadOnlyList<HitKey> Forgotten => _forgotten;

    internal void Add(Finding finding) => _findings.Add(finding);

    internal void Keep(JournaledHit hit) => _journal.Add(hit);

    internal void Add(LearnedFact learned) => _learned.Add(learned);

    internal void Add(Outcome other)
    {
        _findings.AddRange(other._findings);
        _learned.AddRange(other._learned);
        _journal.AddRange(other._journal);
        _forgotten.AddRange(other._forgotten);
    }

    internal void Forget(HitKey hit) => _forgotten.Add(hit);
}
