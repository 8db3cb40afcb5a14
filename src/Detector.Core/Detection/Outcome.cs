namespace Detector.Core.Detection;

/// <summary>
/// What stage 2 decided: findings to tell, that history changed (<see cref="DetectionPipeline.TakeHistory"/>), hits to journal, then hits to forget, in that order, so
/// that a crash in between repeats and never loses.
/// </summary>
public sealed class Outcome
{
    private readonly List<Finding> _findings = [];
    private readonly List<JournaledHit> _journal = [];
    private readonly List<HitKey> _forgotten = [];

    /// <summary>Rules that were met.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Whether history learned or forgot something by then, which is to be written down before these hits may be forgotten.</summary>
    public bool ChangedHistory { get; private set; }

    /// <summary>Hits that correlations and rules that wait made for the correlations that build on them.</summary>
    public IReadOnlyList<JournaledHit> Journal => _journal;

    /// <summary>Journaled hits that no window needs any more.</summary>
    public IReadOnlyList<HitKey> Forgotten => _forgotten;

    internal void Add(Finding finding) => _findings.Add(finding);

    internal void Keep(JournaledHit hit) => _journal.Add(hit);

    internal void ChangeHistory() => ChangedHistory = true;

    internal void Add(Outcome other)
    {
        _findings.AddRange(other._findings);
        ChangedHistory |= other.ChangedHistory;
        _journal.AddRange(other._journal);
        _forgotten.AddRange(other._forgotten);
    }

    internal void Forget(HitKey hit) => _forgotten.Add(hit);
}
