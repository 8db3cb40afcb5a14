using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.Surveys;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Practices;

/// <summary>What an archive shows of the practices.</summary>
/// <param name="Made">When it was made.</param>
/// <param name="Scope">What was looked at.</param>
/// <param name="Survey">What was there.</param>
/// <param name="Files">Files that were read.</param>
/// <param name="Losses">What could not be read: records, and files or parts of them.</param>
/// <param name="Stopped">How far it came, if it was stopped before all was read; else null.</param>
/// <param name="Rules">Rules that alert by themselves.</param>
/// <param name="Alerts">Alerts found.</param>
/// <param name="Unassigned">Those that belong to no practice, because their rules carry no tag of one.</param>
/// <param name="Rows">A row a practice, in the order of the catalogue.</param>
internal sealed record Scorecard(
    DateTimeOffset Made,
    ScorecardScope Scope,
    Survey Survey,
    long Files,
    int Losses,
    string? Stopped,
    int Rules,
    long Alerts,
    long Unassigned,
    IReadOnlyList<PracticeRow> Rows
);

/// <summary>What a scorecard was asked to look at.</summary>
/// <param name="Within">Only records of this time.</param>
/// <param name="Places">Only records from there.</param>
/// <param name="Seeds">The files given that tell of the time before.</param>
internal sealed record ScorecardScope(TimeRange Within, PlaceScope Places, IReadOnlyCollection<Seed> Seeds);

/// <summary>What an archive shows of one practice.</summary>
/// <param name="Practice">Which.</param>
/// <param name="Verdict">Whether it is kept, as far as the archive tells.</param>
/// <param name="Sureness">How far to rely on that.</param>
/// <param name="Why">The reason for both.</param>
/// <param name="RestsOn">The records that could have shown a departure, in words.</param>
/// <param name="Gaps">What the archive lacks; the less of them, the more silence means.</param>
/// <param name="Findings">What was found, by rule: the gravest first.</param>
/// <param name="Evidence">The most telling of it.</param>
internal sealed record PracticeRow(
    Practice Practice,
    Verdict Verdict,
    Sureness Sureness,
    string Why,
    string RestsOn,
    IReadOnlyList<Gap> Gaps,
    IReadOnlyList<RuleFinding> Findings,
    IReadOnlyList<Evidence> Evidence
)
{
    /// <summary>Alerts.</summary>
    public long Alerts => Findings.Sum(finding => finding.Alerts);

    /// <summary>The gravest level; null if nothing was found.</summary>
    public Level? Level => Findings.Count == 0 ? null : Findings.Max(finding => finding.Level);

    /// <summary>When it was seen first.</summary>
    public DateTimeOffset? First => Findings.Min(finding => finding.First);

    /// <summary>When it was seen last.</summary>
    public DateTimeOffset? Last => Findings.Max(finding => finding.Last);
}

/// <summary>Something that an archive lacks.</summary>
/// <param name="Missing">What it lacks.</param>
/// <param name="Needed">What would mend it.</param>
internal sealed record Gap(string Missing, string Needed);

/// <summary>What one rule found of a practice.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Title">What it finds, in one line.</param>
/// <param name="Level">How much is at stake.</param>
/// <param name="Weight">What it says of the practice.</param>
/// <param name="Alerts">How often.</param>
/// <param name="First">When it fired first; null if no such event has a time.</param>
/// <param name="Last">When it fired last.</param>
internal sealed record RuleFinding(string Rule, string Title, Level Level, Weight Weight, long Alerts, DateTimeOffset? First, DateTimeOffset? Last);

/// <summary>One alert that speaks for a finding.</summary>
/// <param name="AlertId">The alert's.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Title">The rule's title.</param>
/// <param name="Level">How much is at stake.</param>
/// <param name="Facts">Who did what, from where.</param>
/// <param name="Event">The event that it rests on; of several the newest.</param>
/// <param name="Events">How many events the alert stands for.</param>
internal sealed record Evidence(string AlertId, string Rule, string Title, Level Level, AlertFacts Facts, AlertEvent Event, int Events);
