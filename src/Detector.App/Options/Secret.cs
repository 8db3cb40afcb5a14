namespace Detector.App.Options;

/// <summary>
/// A text that must reach only the one who needs it. It prints as <c>***</c>, so that a record, a log line or an exception that holds one
/// gives nothing away.
/// </summary>
internal sealed class Secret(string value)
{
    /// <summary>The text itself, for the one call that needs it.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => "***";
}
