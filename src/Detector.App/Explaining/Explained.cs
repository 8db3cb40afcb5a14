using Detector.App.RuleTests;
using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Rules;

namespace Detector.App.Explaining;

/// <summary>Why a rule fired or did not.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Matched">Whether it did.</param>
/// <param name="Sentence">Why, in one sentence.</param>
/// <param name="Notes">What else decides: filters, sightings, delays, suppression.</param>
/// <param name="Conditions">Conditions on records: the rule's own, or of a correlation those of the rules that nothing met.</param>
/// <param name="Windows">What came to a correlation; empty for other rules.</param>
internal sealed record Explained(
    Rule Rule,
    bool Matched,
    string Sentence,
    IReadOnlyList<string> Notes,
    IReadOnlyList<ExplainedRecord> Conditions,
    IReadOnlyList<GroupWindow> Windows
);

/// <summary>A rule's condition on one record.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Record">The record.</param>
/// <param name="Name">Its <c>eventName</c>; null if it has none.</param>
/// <param name="Tree">The condition with what was found.</param>
/// <param name="Basis">What its derived fields were worked out of.</param>
internal sealed record ExplainedRecord(DetectionRule Rule, CaseRecord Record, string? Name, Explanation Tree, IReadOnlyList<FieldBasis> Basis)
{
    private const int LongestFact = 120;

    /// <summary>Which record, for people.</summary>
    public string Label => $"record {Record.Index} ({Name ?? "no eventName"}{(Record.Time is { } time ? $" at {time:yyyy-MM-ddTHH:mm:ssZ}" : "")})";

    /// <summary>What a leaf's field was worked out of, in lines.</summary>
    public IEnumerable<string> BasisOf(Explanation leaf)
    {
        if (Basis.FirstOrDefault(basis => basis.Field == leaf.Field) is not { } basis)
            yield break;
        var there = basis.Inputs.Where(input => input.Values.Count > 0).Select(input => $"{input.Path} = {string.Join(", ", input.Values)}").ToList();
        var absent = basis.Inputs.Where(input => input.Values.Count == 0).Select(input => input.Path).ToList();
        if (there.Count > 0)
            yield return $"from {string.Join("; ", there)}";
        if (absent.Count > 0)
            yield return $"not in the record: {string.Join(", ", absent)}";
        foreach (var fact in basis.Facts)
            yield return $"known since {fact.Time:yyyy-MM-ddTHH:mm:ssZ}: {fact.Entity}: {fact.Name}{(fact.Value is null ? " is gone" : fact.Value.Length > 0 ? $" = {ShortText.Of(fact.Value, LongestFact)}" : "")}";
    }
}
