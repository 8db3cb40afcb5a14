namespace Detector.App.RuleTests;

/// <summary>A case that did not go as its name says.</summary>
/// <param name="Case">Which.</param>
/// <param name="Rule">Whose.</param>
/// <param name="Reason">What went otherwise, in one line.</param>
/// <param name="Explanation">Why, in lines.</param>
internal sealed record CaseFailure(RuleCase Case, string Rule, string Reason, IReadOnlyList<string> Explanation);
