namespace Detector.App.Options;

/// <summary>Why the program does not start.</summary>
/// <param name="Key">Which setting, such as <c>queue.visibility</c>; empty for a file that cannot be read.</param>
/// <param name="Place">Where it was given; null if it was not.</param>
/// <param name="Reason">What is wrong with it, and what would be right. Never the value of a secret.</param>
internal sealed record ConfigurationError(string Key, Place? Place, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => string.Join(": ", new[] { Place?.ToString(), Key, Reason }.Where(part => !string.IsNullOrEmpty(part)));
}

/// <summary>Where a setting was given.</summary>
/// <param name="Source">A file, <c>$VARIABLE</c>, or a flag.</param>
/// <param name="Line">1-based; 0 for what has no lines.</param>
internal readonly record struct Place(string Source, int Line = 0)
{
    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}";
}
