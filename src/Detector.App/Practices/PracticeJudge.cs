using Detector.Core.Rules;

namespace Detector.App.Practices;

/// <summary>Says of each practice what alerts and silence amount to.</summary>
/// <param name="holdings">What the archive holds.</param>
/// <param name="watched">Detections that a loaded rule looks for.</param>
/// <param name="unread">What could not be read; null if all was.</param>
internal sealed class PracticeJudge(Holdings holdings, IReadOnlySet<string> watched, Gap? unread)
{
    /// <summary>Detections that rules of a set look for.</summary>
    public static IReadOnlySet<string> Watched(RuleSet rules) =>
        rules
            .Detections.Concat<Rule>(rules.Correlations)
            .Where(rule => rules.AlertsByItself(rule) && !DetectionTags.IsAttempt(rule.Tags))
            .SelectMany(rule => DetectionTags.Detections(rule.Tags))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The row of a practice.</summary>
    public PracticeRow Judge(Practice practice, IReadOnlyList<RuleFinding> findings, IReadOnlyList<Evidence> evidence)
    {
        var blind = practice.Watches.Select(watch => Blinds(practice, watch)).OfType<Gap>().ToList();
        List<Gap> gaps = [.. practice.Watches.Select(Unwatched).Concat(holdings.Gaps(practice)).Append(unread).OfType<Gap>().Distinct()];
        var (verdict, sureness, why) =
            findings.Count > 0 ? Found(practice, findings)
            : blind.Count == practice.Watches.Count
                ? (Verdict.CannotTell, Sureness.Unknown, $"Nothing is there that could show it: {Missing(blind.Distinct())}.")
            : practice.HasOnlyProxies ? (Verdict.CannotTell, Sureness.Unknown, "CloudTrail never shows it, and what comes nearest to it is not in the records.")
            : gaps.Count > 0 ? (Verdict.NothingSeen, Sureness.Unsure, $"No departure is in the records, but they are not all that it takes: {Missing(gaps)}.")
            : (
                Verdict.NothingSeen,
                Sureness.Likely,
                $"In {Words.Of(holdings.Span)} no record shows a departure, and the records are all that it takes to show one."
            );
        return new PracticeRow(practice, verdict, sureness, why, holdings.RestsOn(practice), gaps, findings, evidence);
    }

    private static (Verdict, Sureness, string) Found(Practice practice, IReadOnlyList<RuleFinding> findings)
    {
        var weight = findings.Max(finding => finding.Weight);
        var alerts = findings.Where(finding => finding.Weight == weight).Sum(finding => finding.Alerts);
        var (one, many) = alerts == 1 ? ("alert", "s") : ("alerts", "");
        return weight switch
        {
            Weight.Departure => (Verdict.Violated, Sureness.Certain, $"{Words.Of(alerts)} {one} show{many} a departure that succeeded."),
            Weight.Sign => (Verdict.Suspected, Sureness.Likely, $"{Words.Of(alerts)} {one} hint{many} at a departure. None proves one: somebody has to look."),
            _ when practice.HasOnlyProxies => (
                Verdict.Attempted,
                Sureness.Likely,
                $"{Words.Of(alerts)} {one} tell{many} of calls that come near to a departure. All were refused."
            ),
            _ => (Verdict.Attempted, Sureness.Certain, $"{Words.Of(alerts)} {one} tell{many} of calls that would depart from it. All were refused."),
        };
    }

    private Gap? Blinds(Practice practice, Watch watch) => Unwatched(watch) ?? holdings.Blinds(practice, watch);

    private Gap? Unwatched(Watch watch) =>
        watched.Contains(watch.Detection)
            ? null
            : new Gap($"no rule that was loaded looks for {watch.Detection}", $"rules with the tag detector.{watch.Detection}");

    private static string Missing(IEnumerable<Gap> gaps) => string.Join("; ", gaps.Select(gap => gap.Missing));
}
