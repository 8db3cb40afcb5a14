using Detector.Core.Delivery;

namespace Detector.Adapters.Enrichers;

/// <summary>Reads the first steps out of the runbook beside a rule: the numbered sentences below its heading "Check first".</summary>
/// <param name="fileOf">The file of the rule with a key, or null.</param>
public sealed class Runbooks(Func<string, string?> fileOf) : IEnricher
{
    private const string Heading = "## Check first";
    private const int MaxLines = 500;

    /// <inheritdoc/>
    public string Finds => "the runbook";

    /// <inheritdoc/>
    public async ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation)
    {
        if (fileOf(alert.Rule.Id) is not { } rule)
            return context;
        var file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(rule))!, "runbook.md");
        if (!File.Exists(file))
            return context;
        var lines = new List<string>();
        await foreach (var line in File.ReadLinesAsync(file, cancellation))
        {
            lines.Add(line);
            if (lines.Count == MaxLines)
                break;
        }
        return context with { Steps = StepsOf(lines) };
    }

    /// <summary>A step is a numbered line with the lines that go on with it; commands, which are indented deeper, are left to the runbook.</summary>
    internal static IReadOnlyList<string> StepsOf(IEnumerable<string> lines)
    {
        var steps = new List<string>();
        var isOpen = false;
        foreach (var line in lines.SkipWhile(line => line.Trim() != Heading).Skip(1).TakeWhile(line => !line.StartsWith('#')))
        {
            var dot = line.IndexOf(". ", StringComparison.Ordinal);
            if (dot > 0 && line[..dot].All(char.IsAsciiDigit))
            {
                steps.Add(line[(dot + 2)..].Trim());
                isOpen = true;
            }
            else if (line.Trim().Length == 0 || line.StartsWith("     ", StringComparison.Ordinal))
            {
                isOpen = false;
            }
            else if (isOpen)
            {
                steps[^1] += " " + line.Trim();
            }
        }
        return steps;
    }
}
