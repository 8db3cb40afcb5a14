using Detector.Core.Rules;

namespace Detector.App.Explaining;

/// <summary>Says in one sentence what keeps a condition from being met.</summary>
internal static class Why
{
    private const int Most = 3;

    /// <summary>What fails, such as <c>errorCode = null is not so (found AccessDenied)</c>.</summary>
    public static string Of(Explanation explanation)
    {
        var reasons = Reasons(explanation).ToList();
        var told = string.Join("; ", reasons.Take(Most));
        return reasons.Count > Most ? $"{told}; and {reasons.Count - Most} more" : told;
    }

    private static IEnumerable<string> Reasons(Explanation part) =>
        part switch
        {
            { Parts: [] } => [Leaf(part)],
            { Text: "not" } => Reasons(part.Parts[0]),
            // Of several that fail the nearest one tells most; of several that hold one suffices.
            { Text: "any of" } => Reasons(part.Parts.Where(inner => inner.Holds == part.Holds).MaxBy(Nearness)!),
            _ => part.Parts.Where(inner => inner.Holds == part.Holds).SelectMany(Reasons),
        };

    private static double Nearness(Explanation part) => part.Parts.Count == 0 ? 0 : part.Closeness / (double)Leaves(part);

    private static int Leaves(Explanation part) => part.Parts.Count == 0 || part.Text == "not" ? 1 : part.Parts.Sum(Leaves);

    private static string Leaf(Explanation leaf)
    {
        var found = leaf.Found switch
        {
            null => "",
            [] => " (not in the record)",
            [var only] when leaf.Text.EndsWith($"= {only}", StringComparison.Ordinal) => "",
            _ => $" (found {string.Join(", ", leaf.Found)})",
        };
        return $"{leaf.Text} {(leaf.Holds ? "holds" : "does not hold")}{found}";
    }
}
