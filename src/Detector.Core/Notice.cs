namespace Detector.Core;

/// <summary>Something the engine tells its operator: the program turns it into a structured log line. Never holds a secret or a record's content.</summary>
/// <param name="Severity">How bad.</param>
/// <param name="Subject">The part that speaks: a source's, sink's or rule's name.</param>
/// <param name="Message">What happened, in one line.</param>
/// <param name="Error">The exception behind it, if there is one.</param>
public sealed record Notice(NoticeSeverity Severity, string Subject, string Message, Exception? Error = null);

/// <summary>How bad a notice is.</summary>
public enum NoticeSeverity
{
    /// <summary>Good to know.</summary>
    Information,

    /// <summary>Mends itself, or costs something.</summary>
    Warning,

    /// <summary>Needs somebody.</summary>
    Error,
}
