using Detector.Core.Rules;

namespace Detector.App.RuleTests;

/// <summary>What the events of a case must raise, by how its name begins.</summary>
internal enum Expectation
{
    /// <summary><c>fires_</c>: a rule of the folder, and none for attempts.</summary>
    Fires,

    /// <summary><c>attempt_</c>: a rule for attempts, and no other of the folder.</summary>
    Attempt,

    /// <summary><c>quiet_</c>: no rule of the folder.</summary>
    Quiet,
}

/// <summary>One case beside a rule.</summary>
/// <param name="File">The events, in any shape that a trail may have; several are a sequence.</param>
/// <param name="Expected">What they must raise; null if the name does not say.</param>
internal sealed record RuleCase(string File, Expectation? Expected)
{
    /// <summary>Its bytes; none if it cannot be read, which running it tells.</summary>
    public byte[] Read()
    {
        try
        {
            return System.IO.File.ReadAllBytes(File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

/// <summary>Rules that stand or fall together by the cases of their folder.</summary>
/// <param name="Rules">Any of these fires, or all stay quiet: the rule named after the folder, else those of the folder that alert by themselves.</param>
/// <param name="Attempts">Those among them that tell of denied attempts at the same: their names end in <see cref="AttemptEnding"/>.</param>
/// <param name="Cases">In the order of their names; empty if there are none.</param>
internal sealed record TestedRules(IReadOnlyList<Rule> Rules, IReadOnlyList<Rule> Attempts, IReadOnlyList<RuleCase> Cases)
{
    /// <summary>How the name of a rule for attempts ends.</summary>
    public const string AttemptEnding = "-attempt";

    /// <summary>What people call them.</summary>
    public string Label => LabelOf(All);

    /// <summary>Those for attempts behind the others.</summary>
    public IEnumerable<Rule> All => Rules.Concat(Attempts);

    /// <summary>What people call some of them.</summary>
    public static string LabelOf(IEnumerable<Rule> rules) => string.Join(", ", rules.Select(rule => rule.Label));

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
            var slug = Path.GetFileName(folder.Key);
            var covered = folder.Where(rule => rule.Name == slug || rule.Name == slug + AttemptEnding).ToList();
            if (cases.Count == 0)
                covered = [];
            else if (!covered.Exists(rule => rule.Name == slug))
                covered = [.. folder];
            if (covered.Count > 0)
                tested.Add(new TestedRules([.. covered.Where(rule => !IsAttempt(rule))], [.. covered.Where(IsAttempt)], cases));
            tested.AddRange(folder.Except(covered).Select(rule => new TestedRules([rule], [], [])));
        }
        return tested;
    }

    private static bool IsAttempt(Rule rule) => rule.Name?.EndsWith(AttemptEnding, StringComparison.Ordinal) == true;

    private static List<RuleCase> CasesOf(string folder)
    {
        var cases = Path.Combine(folder, "cases");
        return Directory.Exists(cases)
            ? [.. Directory.GetFiles(cases, "*.json").Order(StringComparer.Ordinal).Select(file => new RuleCase(file, Expected(file)))]
            : [];
    }

    private static Expectation? Expected(string file) =>
        Path.GetFileName(file) switch
        {
            var name when name.StartsWith("fires_", StringComparison.Ordinal) => Expectation.Fires,
            var name when name.StartsWith("attempt_", StringComparison.Ordinal) => Expectation.Attempt,
            var name when name.StartsWith("quiet_", StringComparison.Ordinal) => Expectation.Quiet,
            _ => null,
        };
}
