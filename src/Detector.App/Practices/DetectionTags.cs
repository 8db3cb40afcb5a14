namespace Detector.App.Practices;

/// <summary>What the tags of a rule, or of an alert, say of it.</summary>
internal static class DetectionTags
{
    private const string Namespace = "detector.";
    private const string Attempt = "detector.attempt";

    /// <summary>What it detects: the tags <c>detector.SLUG</c>, the one for attempts aside.</summary>
    public static IEnumerable<string> Detections(IEnumerable<string> tags) =>
        tags.Where(tag => tag.StartsWith(Namespace, StringComparison.Ordinal) && tag != Attempt).Select(tag => tag[Namespace.Length..]);

    /// <summary>Whether it tells of calls that were refused.</summary>
    public static bool IsAttempt(IEnumerable<string> tags) => tags.Contains(Attempt, StringComparer.Ordinal);
}
