namespace Detector.Core.Rules.Fields;

/// <summary>
/// The catalogue of derived fields. Rules use them as any field; they are worked out only for records that a rule still could meet. CloudTrail has no
/// field below <see cref="Namespace"/>, and one that a record holds all the same is never taken for ours.
/// </summary>
internal static class DerivedFields
{
    public const string Namespace = "detector.";

    private static readonly Dictionary<string, DerivedField> ByName = new[]
    {
        BucketFields.All,
        CallFields.All,
        PolicyFields.All,
        IngressFields.All,
        KeyPolicyFields.All,
        TrailFields.All,
        HistoryFields.All,
        SessionFields.All,
    }
        .SelectMany(fields => fields)
        .ToDictionary(field => field.Name, StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<DerivedField> All { get; } = [.. ByName.Values.OrderBy(field => field.Name, StringComparer.Ordinal)];

    /// <summary>Whether a name is one of ours, or would be if there were such a field.</summary>
    public static bool IsReserved(string path) => path.StartsWith(Namespace, StringComparison.Ordinal);

    /// <summary>The field of a name, or null.</summary>
    public static DerivedField? Find(string path) => IsReserved(path) ? ByName.GetValueOrDefault(path) : null;

    /// <summary>Whether a field tells of the session that made the call, which never changes: events may be grouped by it.</summary>
    public static bool TellsOfSession(string path) => Find(path) is { Asks: Lessons.Sessions };

    /// <summary>Whether a field of this name depends on what happened before.</summary>
    public static bool NeedsHistory(string path) => Find(path) is { NeedsHistory: true };
}
