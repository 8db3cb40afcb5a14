using Detector.Core.Rules;

namespace Detector.App.Practices;

/// <summary>A scorecard for a terminal: what was looked at, a line a practice, then what is behind each line.</summary>
internal static class ScorecardTable
{
    private const string Indent = "  ";
    private const int Label = 14;

    // Whatever the terminal's width, a text keeps so much of a line.
    private const int Narrowest = 30;

    private static readonly string[] Heads = ["VERDICT", "SURE", "LEVEL", "ALERTS", "LAST SEEN", "PRACTICE"];

    /// <summary>Writes it; no line is wider than the width, if there is one.</summary>
    public static void Write(TextWriter output, Scorecard card, int? width)
    {
        foreach (var (name, value) in ScorecardLines.Archive(card))
            Put(output, "", name, value, width);
        output.WriteLine();
        var rows = card.Rows.Select(Cells).Prepend(Heads).ToList();
        var widths = Heads[..^1].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(TextTable.Line(row, widths, width));
        output.WriteLine();
        foreach (var row in card.Rows)
        {
            Write(output, row, width);
            output.WriteLine();
        }
        Put(output, "", null, $"{Words.Count(card.Rows.Count, "practice")}: {ScorecardLines.Summary(card)}", width);
    }

    private static string[] Cells(PracticeRow row) =>
        [row.Verdict.Word(), row.Sureness.Word(), row.Level?.Word() ?? "-", Words.Of(row.Alerts), Times.Exact(row.Last) ?? "-", row.Practice.Title];

    private static void Write(TextWriter output, PracticeRow row, int? width)
    {
        Put(output, "", null, $"{row.Practice.Title} ({row.Practice.Slug}): {row.Verdict.Word()}, {row.Sureness.Word()}", width);
        Put(output, Indent, "why", row.Why, width);
        foreach (var finding in row.Findings)
            Put(
                output,
                Indent,
                finding.Weight.Word(),
                $"{finding.Level.Word()} {finding.Rule} {Words.Of(finding.Alerts)}x, {ScorecardLines.When(finding.First, finding.Last)}",
                width
            );
        foreach (var evidence in row.Evidence)
            Put(
                output,
                Indent,
                "evidence",
                $"{Times.Exact(evidence.Event.EventTime) ?? "no time"} {evidence.Title}: {ScorecardLines.Who(evidence)}: {ScorecardLines.What(evidence)}; {ScorecardLines.Where(evidence)}",
                width
            );
        Put(output, Indent, "rests on", row.RestsOn, width);
        foreach (var gap in row.Gaps)
            Put(output, Indent, "to see more", $"{gap.Needed}, as {gap.Missing}", width);
        foreach (var (name, text) in new[] { ("never shown", row.Practice.Unseen), ("nearest", row.Practice.Proxy), ("elsewhere", row.Practice.Elsewhere) })
        {
            if (text.Length > 0)
                Put(output, Indent, name, text, width);
        }
    }

    /// <summary>Writes a text behind its name, on as many lines as it takes.</summary>
    private static void Put(TextWriter output, string indent, string? name, string text, int? width)
    {
        var before = name is null ? indent : indent + name.PadRight(Label);
        foreach (var line in Lines(OneLine.Of(text), width - before.Length))
        {
            output.WriteLine(before + line);
            before = new string(' ', before.Length);
        }
    }

    private static IEnumerable<string> Lines(string text, int? width)
    {
        var room = Math.Max(width ?? int.MaxValue, Narrowest);
        while (text.Length > room)
        {
            var space = text.LastIndexOf(' ', room);
            var end =
                space > 0 ? space
                : char.IsHighSurrogate(text[room - 1]) ? room - 1
                : room;
            yield return text[..end];
            text = text[end..].TrimStart();
        }
        yield return text;
    }
}
