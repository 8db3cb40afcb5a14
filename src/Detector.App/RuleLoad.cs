using Detector.Adapters.Files;
using Detector.App.Options;
using Detector.Core.Rules;

namespace Detector.App;

/// <summary>Rule folders, read and compiled, with everything that there is to say of them.</summary>
/// <param name="Rules">The set that would run.</param>
/// <param name="Filters">How many filters narrow it; they are part of the detections.</param>
/// <param name="Refused">Files and rules that are not in the set, each with its reason.</param>
/// <param name="Warnings">What is doubtful about those that are.</param>
/// <param name="Skipped">Rules for other log sources.</param>
internal sealed record RuleLoad(
    RuleSet Rules,
    int Filters,
    IReadOnlyList<RuleError> Refused,
    IReadOnlyList<RuleError> Warnings,
    IReadOnlyList<RuleError> Skipped
)
{
    /// <summary>The filters that are suppressions.</summary>
    public IReadOnlyList<FilterRule> Suppressions { get; init; } = [];

    /// <summary>The rules that travel with the program.</summary>
    public static string Shipped => Path.Combine(AppContext.BaseDirectory, "rules");

    /// <summary>Whether there is nothing that could ever detect anything.</summary>
    public bool IsEmpty => Rules.Detections.Count == 0;

    /// <summary>The set, for whoever detects by it.</summary>
    /// <exception cref="StartException">It is empty.</exception>
    public RuleSet ToDetectBy() => IsEmpty ? throw new StartException("rules: not one rule could be loaded, so nothing would ever be detected") : Rules;

    /// <summary>What was loaded, in one line.</summary>
    public string Summary =>
        $"{Rules.Detections.Count} detections and {Rules.Correlations.Count} correlations loaded, {Refused.Count} refused, {Skipped.Count} for other log sources";

    /// <summary>The folders that options name.</summary>
    public static IReadOnlyList<string> Folders(RulesOptions options) => options.Shipped ? [Shipped, .. options.Directories] : options.Directories;

    /// <summary>Reads and compiles. Never throws on what the folders hold.</summary>
    /// <param name="folders">Where they are.</param>
    /// <param name="options">Tells the names of the detector's own parts, for rules that watch over them; null where there is no configuration.</param>
    public static RuleLoad From(IEnumerable<string> folders, DetectorOptions? options = null)
    {
        var loaded = RuleFolder.Load(folders, DeploymentNames.Placeholders(options));
        var rules = RuleSet.Compile(loaded.Rules);
        // A correlation may read well and still be left out of the set, for want of a rule that it combines.
        var taken = rules.Correlations.Select(rule => rule.Place).ToHashSet();
        var leftOut = loaded.Rules.OfType<CorrelationRule>().Select(rule => rule.Place).Where(place => !taken.Contains(place)).ToHashSet();
        return new RuleLoad(
            rules,
            loaded.Rules.OfType<FilterRule>().Count(),
            [.. loaded.Errors, .. rules.Warnings.Where(warning => leftOut.Contains(warning.Place))],
            [.. rules.Warnings.Where(warning => !leftOut.Contains(warning.Place))],
            loaded.Skipped
        )
        {
            Suppressions = [.. loaded.Rules.OfType<FilterRule>().Where(filter => filter.Terms is not null)],
        };
    }
}
