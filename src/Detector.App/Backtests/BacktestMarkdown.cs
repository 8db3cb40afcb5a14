using System.Text;

namespace Detector.App.Backtests;

/// <summary>
/// A backtest as GitHub-flavoured Markdown, for a pull request: a summary, a table, and everything else folded. Whatever others have chosen stands as code, in
/// which Markdown, HTML, links and mentions are plain text.
/// </summary>
internal static class BacktestMarkdown
{
    /// <summary>Rows of a table: GitHub takes 65536 characters as a comment.</summary>
    private const int MostRows = 100;

    private const int LongestCell = 300;

    public static void Write(TextWriter output, Backtest backtest)
    {
        output.WriteLine(string.Join(' ', BacktestWords.Summary(backtest)));
        foreach (var section in BacktestWords.Sections(backtest))
        {
            output.WriteLine();
            if (section.Title.Length == 0)
                Write(output, section);
            else
                Fold(output, section.Title, () => Write(output, section));
        }
        if (!backtest.Silent.Any())
            return;
        output.WriteLine();
        Fold(output, BacktestWords.NeverFired(backtest), () => output.WriteLine(string.Join(", ", backtest.Silent.Select(rule => Code(rule.Label)))));
    }

    /// <summary>A text as code that neither ends early nor ends its cell. Control characters, the backtick and the bar come out as <c>\u0060</c>.</summary>
    public static string Code(string text)
    {
        var clean = OneLine.Of(TextTable.Cut(text, LongestCell));
        if (string.IsNullOrWhiteSpace(clean))
            return "";
        var code = new StringBuilder("`");
        foreach (var character in clean)
            code.Append(character is '`' or '|' ? $"\\u{(int)character:x4}" : character.ToString());
        return code.Append('`').ToString();
    }

    private static void Fold(TextWriter output, string title, Action inside)
    {
        output.WriteLine($"<details><summary>{title}</summary>");
        output.WriteLine();
        inside();
        output.WriteLine();
        output.WriteLine("</details>");
    }

    private static void Write(TextWriter output, Section section)
    {
        output.WriteLine($"| {string.Join(" | ", section.Columns.Select(column => column.Head))} |");
        output.WriteLine($"|{string.Concat(section.Columns.Select(column => column.Kind == ColumnKind.Number ? "---:|" : "---|"))}");
        foreach (var row in section.Rows.Take(MostRows))
            output.WriteLine($"| {string.Join(" | ", row.Select((cell, column) => section.Columns[column].Kind == ColumnKind.Theirs ? Code(cell) : cell))} |");
        if (section.Rows.Count > MostRows)
        {
            output.WriteLine();
            output.WriteLine($"{BacktestWords.Some(section.Rows.Count - MostRows, "row")} more.");
        }
        if (section.Rest is { } rest)
        {
            output.WriteLine();
            output.WriteLine($"{rest}.");
        }
    }
}
