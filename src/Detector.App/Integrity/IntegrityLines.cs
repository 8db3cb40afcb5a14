using System.Globalization;
using System.Text.Json;
using Detector.Core.Integrity;

namespace Detector.App.Integrity;

/// <summary>What the digests prove, for people and for programs.</summary>
internal static class IntegrityLines
{
    /// <summary>Findings of each fault that people are shown; programs get all that are kept.</summary>
    private const int Shown = 20;

    /// <summary>Writes the verdict, how often each fault was found, and what was found.</summary>
    public static void WriteTable(TextWriter output, TrailIntegrity integrity)
    {
        foreach (var fault in integrity.Findings.GroupBy(finding => finding.Fault))
        {
            foreach (var finding in fault.Take(Shown))
                output.WriteLine(OneLine.Of($"{fault.Key.Name()}: {finding.Subject}: {finding.Reason}"));
            if (integrity.Counts[fault.Key] - Shown is > 0 and var more)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fault.Key.Name()}: and {more} more"));
        }
        output.WriteLine(Summary(integrity));
    }

    /// <summary>The verdict in a line.</summary>
    public static string Summary(TrailIntegrity integrity)
    {
        var counts = integrity
            .Counts.OrderBy(count => count.Key)
            .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key.Name()}"));
        var covered = integrity.Covered is { } span ? $", {Times.Exact(span.From)} to {Times.Exact(span.To)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"integrity: {integrity.Verdict.Word()}: {integrity.ProvenDigests} of {integrity.Digests} digests and {integrity.ProvenLogs} of {integrity.Logs} log files proven{covered}{string.Concat(counts.Select(count => $"; {count}"))}"
        );
    }

    /// <summary>The verdict in a word.</summary>
    public static string Word(this TrailVerdict verdict) =>
        verdict switch
        {
            TrailVerdict.Intact => "intact",
            TrailVerdict.Incomplete => "nothing speaks against it, but not all is proven",
            TrailVerdict.Broken => "BROKEN",
            _ => "nothing could be proven",
        };

    /// <summary>Writes what is inside the braces of an object.</summary>
    public static void WriteJson(Utf8JsonWriter json, TrailIntegrity integrity)
    {
        json.WriteString("verdict", JsonNamingPolicy.CamelCase.ConvertName(integrity.Verdict.ToString()));
        json.WriteNumber("digests", integrity.Digests);
        json.WriteNumber("provenDigests", integrity.ProvenDigests);
        json.WriteNumber("logFiles", integrity.Logs);
        json.WriteNumber("provenLogFiles", integrity.ProvenLogs);
        json.WriteString("from", Times.Exact(integrity.Covered?.From));
        json.WriteString("to", Times.Exact(integrity.Covered?.To));
        json.WriteStartObject("counts");
        foreach (var (fault, count) in integrity.Counts.OrderBy(count => count.Key))
            json.WriteNumber(Key(fault), count);
        json.WriteEndObject();
        json.WriteArray(
            "findings",
            integrity.Findings,
            finding =>
            {
                json.WriteString("kind", Key(finding.Fault));
                json.WriteString("subject", finding.Subject);
                json.WriteString("reason", finding.Reason);
            }
        );
    }

    private static string Key(IntegrityFault fault) => JsonNamingPolicy.CamelCase.ConvertName(fault.ToString());
}
