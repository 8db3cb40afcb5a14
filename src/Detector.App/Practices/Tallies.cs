using Detector.Core.Delivery;

namespace Detector.App.Practices;

/// <summary>The alerts of a replay, sorted by practice and rule.</summary>
internal sealed class Tallies
{
    /// <summary>Alerts of each practice that are shown.</summary>
    public const int Shown = 5;

    private readonly Dictionary<Practice, Dictionary<(string Id, string Name), Tally>> _byPractice = [];

    /// <summary>Alerts counted.</summary>
    public long Alerts { get; private set; }

    /// <summary>Those of rules that carry no tag of a practice.</summary>
    public long Unassigned { get; private set; }

    /// <summary>Counts an alert; they come in the order of their times.</summary>
    public void Add(Alert alert)
    {
        Alerts++;
        var watched =
            from slug in DetectionTags.Detections(alert.Rule.Tags)
            from practice in PracticeCatalogue.All
            from watch in practice.Watches
            where watch.Detection == slug
            group watch by practice;
        var isAssigned = false;
        foreach (var watches in watched)
        {
            isAssigned = true;
            var tallies = _byPractice.TryGetValue(watches.Key, out var known) ? known : _byPractice[watches.Key] = [];
            var key = (alert.Rule.Id, alert.Rule.Name);
            var tally = tallies.TryGetValue(key, out var same) ? same : tallies[key] = new Tally(alert.Rule, WeightOf(alert.Rule, watches), Shown);
            tally.Add(alert);
        }
        Unassigned += isAssigned ? 0 : 1;
    }

    /// <summary>What was found of a practice: departures first, then the gravest.</summary>
    public IReadOnlyList<RuleFinding> Findings(Practice practice) => [.. Sorted(practice).Select(tally => tally.Finding)];

    /// <summary>The most telling of it: what weighs most, and of that of each rule the first, then of each the second, until there are enough.</summary>
    public IReadOnlyList<Evidence> Evidence(Practice practice) =>
        [
            .. Sorted(practice)
                .SelectMany(tally => tally.Telling.Select((evidence, round) => (evidence, round, tally.Finding.Weight)))
                .OrderByDescending(one => one.Weight)
                .ThenBy(one => one.round)
                .Take(Shown)
                .Select(one => one.evidence),
        ];

    private static Weight WeightOf(AlertRule rule, IEnumerable<Watch> watches) =>
        DetectionTags.IsAttempt(rule.Tags) ? Weight.Attempt
        : PracticeCatalogue.HintingRules.Contains(rule.Name) || watches.All(watch => watch.IsSign) ? Weight.Sign
        : Weight.Departure;

    private IEnumerable<Tally> Sorted(Practice practice) =>
        _byPractice.TryGetValue(practice, out var tallies)
            ? tallies
                .Values.OrderByDescending(tally => tally.Finding.Weight)
                .ThenByDescending(tally => tally.Finding.Level)
                .ThenBy(tally => tally.Finding.Rule, StringComparer.Ordinal)
            : [];
}
