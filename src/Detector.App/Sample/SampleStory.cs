using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Detector.App.Sample;

/// <summary>
/// The bundled story: a usual morning in an invented account, then a stolen access key and a stolen mailbox. EventBridge envelopes, in the
/// order of their times, the last of them now, so that nothing in it is late.
/// </summary>
internal static partial class SampleStory
{
    private const string IamDate = "MMM d, yyyy h:mm:ss tt";

    /// <summary>The envelopes as UTF-8 JSON. Only times differ from run to run: events and their ids are the same.</summary>
    public static IReadOnlyList<byte[]> Load(TimeProvider time)
    {
        var lines = ReadLines();
        var end = TimeOf(lines[^1]);
        var shift = time.GetUtcNow() - end;
        return [.. lines.Select(line => Encoding.UTF8.GetBytes(Move(line, shift)))];
    }

    private static List<string> ReadLines()
    {
        using var stream = typeof(SampleStory).Assembly.GetManifestResourceStream("story.jsonl")!;
        using var reader = new StreamReader(stream);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
            lines.Add(line);
        return lines;
    }

    /// <summary>Moves every time in a line, whatever field holds it: when the event was, when its session began, when its key was made.</summary>
    private static string Move(string line, TimeSpan shift)
    {
        line = IsoTime().Replace(line, match => Write(ParseIso(match.Value) + shift));
        return IamTime()
            .Replace(
                line,
                match =>
                    (DateTimeOffset.ParseExact(match.Value, IamDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) + shift).ToString(
                        IamDate,
                        CultureInfo.InvariantCulture
                    )
            );
    }

    private static DateTimeOffset TimeOf(string line) => ParseIso(EventTime().Match(line).Value);

    private static DateTimeOffset ParseIso(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    // CloudTrail writes whole seconds.
    private static string Write(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex("(?<=\"eventTime\":\")[^\"]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EventTime();

    [GeneratedRegex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IsoTime();

    [GeneratedRegex("[A-Z][a-z]{2} \\d{1,2}, \\d{4} \\d{1,2}:\\d\\d:\\d\\d [AP]M", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IamTime();
}
