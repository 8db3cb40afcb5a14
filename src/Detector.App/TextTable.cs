namespace Detector.App;

/// <summary>Lines of a table on a screen. The last column is as long as it is, and is cut with the line.</summary>
internal static class TextTable
{
    /// <summary>Characters that a cell keeps, however narrow the screen.</summary>
    private const int Least = 12;

    /// <summary>Takes columns from the widest cells, until a line fits with some room for the last.</summary>
    /// <param name="widths">Those of all columns but the last.</param>
    /// <param name="heads">What stands above them.</param>
    /// <param name="width">The screen's; null for none.</param>
    public static void Fit(int[] widths, string[] heads, int? width)
    {
        while (width < widths.Sum() + 2 * widths.Length + Least)
        {
            var widest = Array.IndexOf(widths, widths.Max());
            if (widths[widest] <= Math.Max(Least, heads[widest].Length))
                return;
            widths[widest]--;
        }
    }

    /// <summary>One line.</summary>
    public static string Line(string[] row, int[] widths, int? width) =>
        Cut(string.Join("  ", row.Select((cell, column) => column < widths.Length ? Cut(cell, widths[column]).PadRight(widths[column]) : cell)), width);

    /// <summary>A text that is not longer than a width.</summary>
    public static string Cut(string text, int? width) => text.Length <= width || width is null or < 1 ? text : text[..(width.Value - 1)] + "…";
}
