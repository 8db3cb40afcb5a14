namespace Detector.App.Backtests;

/// <summary>A backtest for a screen.</summary>
internal static class BacktestTable
{
    private const int WithoutTerminal = 160;

    public static void Write(TextWriter output, Backtest backtest, int? width)
    {
        foreach (var sentence in BacktestWords.Summary(backtest))
            output.WriteLine(sentence);
        foreach (var section in BacktestWords.Sections(backtest))
        {
            output.WriteLine();
            if (section.Title.Length > 0)
                output.WriteLine($"{section.Title}:");
            Write(output, section, width);
        }
        if (!backtest.Silent.Any())
            return;
        output.WriteLine();
        output.WriteLine($"{BacktestWords.NeverFired(backtest)}:");
        Wrap(output, backtest.Silent.Select(rule => OneLine.Of(rule.Label)), width ?? WithoutTerminal);
    }

    /// <summary>Names, as many on a line as fit.</summary>
    private static void Wrap(TextWriter output, IEnumerable<string> names, int width)
    {
        var line = "";
        foreach (var name in names)
        {
            if (line.Length > 0 && line.Length + 2 + name.Length > width)
            {
                output.WriteLine(line);
                line = "";
            }
            line += line.Length > 0 ? $", {name}" : name;
        }
        output.WriteLine(line);
    }

    private static void Write(TextWriter output, Section section, int? width)
    {
        string[] heads = [.. section.Columns.Select(column => column.Head.ToUpperInvariant())];
        List<string[]> rows = [heads, .. section.Rows.Select(row => row.Select(OneLine.Of).ToArray())];
        int[] widths = [.. heads[..^1].Select((_, column) => rows.Max(row => TextTable.Columns(row[column])))];
        // Numbers stand below each other.
        foreach (var row in rows)
        {
            for (var column = 0; column < widths.Length; column++)
                row[column] = section.Columns[column].Kind == ColumnKind.Number ? row[column].PadLeft(widths[column]) : row[column];
        }
        TextTable.Fit(widths, heads, width);
        foreach (var row in rows)
            output.WriteLine(TextTable.Line(row, widths, width).TrimEnd());
        if (section.Rest is { } rest)
            output.WriteLine(rest);
    }
}
