namespace Detector.App;

/// <summary>What the process has of the world around it; tests put another in its place.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">The log, and what is wrong.</param>
/// <param name="Environment">The variables.</param>
/// <param name="Time">The clock.</param>
/// <param name="Stopping">Cancelled when the process is asked to end.</param>
internal sealed record Terminal(
    TextWriter Out,
    TextWriter Error,
    IReadOnlyDictionary<string, string> Environment,
    TimeProvider Time,
    CancellationToken Stopping
)
{
    /// <summary>Whether a person reads the results as they come, not a file or a program.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>How many characters fit into a line of it; null where nobody sees lines.</summary>
    public int? Width { get; init; }

    /// <summary>Opens standard input.</summary>
    public Func<Stream> OpenIn { get; init; } = Console.OpenStandardInput;

    /// <summary>Released when the process is asked to read its rules anew.</summary>
    public SemaphoreSlim Reload { get; init; } = new(0);
}
