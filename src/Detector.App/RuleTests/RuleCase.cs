using Detector.Core.Rules;

namespace Detector.App.RuleTests;

/// <summary>One case beside a rule: events that must raise it (<c>fires_*.json</c>), or must not (<c>quiet_*.json</c>).</summary>
/// <param name="File">The events, in any shape that a trail may have; several are a sequence.</param>
/// <param name="Fires">Whether they must raise the rule; null if the name says neither.</param>
internal sealed record RuleCase(string File, bool? Fires);

/// <summary>Rules that stand or fall together by the cases of their folder.</summary>
/// <param name="Rules">Any of these fires, or all stay quiet: the rule named after the folder, else those of the folder that alert by themselves.</param>
/// <param name="Cases">In the order of their names; empty if there are none.</param>
internal sealed record TestedRules(IReadOnlyList<Rule> Rules, IReadOnlyList<RuleCase> Cases)
{
    /// <summary>What people call them.</summary>
    public string Label => string.Join(", ", Rules.Select(rule => rule.Label));

    /// <summary>The rules of a set with the cases beside their files, in the order of the files. Rules that only serve correlations are tested by way of those.</summary>
    public static IReadOnlyList<TestedRules> Of(RuleSet rules)
    {
        var tested = new List<TestedRules>();
        var folders = rules
            .Detections.Concat<Rule>(rules.Correlations)
            .Where(rules.AlertsByItself)
            .GroupBy(rule => Path.GetDirectoryName(Path.GetFullPath(rule.Place.File))!, StringComparer.Ordinal)
            .OrderBy(folder => folder.Key, StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            var cases = CasesOf(folder.Key);
            var namesake = folder.Where(rule => rule.Name == Path.GetFileName(folder.Key)).ToList();
            if (cases.Count == 0)
                namesake = [];
            else if (namesake.Count == 0)
                namesake = [.. folder];
            if (namesake.Count > 0)
                tested.Add(new TestedRules(namesake, cases));
            tested.AddRange(folder.Except(namesake).Select(rule => new TestedRules([rule], [])));
        }
        return tested;
    }

    private static List<RuleCase> CasesOf(string folder)
    {
        var cases = Path.Combine(folder, "cases");
        return Directory.Exists(cases)
            ? [.. Directory.GetFiles(cases, "*.json").Order(StringComparer.Ordinal).Select(file => new RuleCase(file, Fires(file)))]
            : [];
    }

    private static bool? Fires(string file) =>
        Path.GetFileName(file) switch
        {
            var name when name.StartsWith("fires_", StringComparison.Ordinal) => true,
            var name when name.StartsWith("quiet_", StringComparison.Ordinal) => false,
            _ => null,
        };
}
