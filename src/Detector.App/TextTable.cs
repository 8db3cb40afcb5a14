using System.Text;
using Wcwidth;

namespace Detector.App;

/// <summary>
/// Lines of a table on a screen, in the columns that it shows them in: an East Asian character takes two, a combining mark none. The last column is as long as it
/// is, and is cut with the line.
/// </summary>
internal static class TextTable
{
    /// <summary>Columns that a cell keeps while there are wider ones.</summary>
    private const int Least = 12;

    /// <summary>Takes columns from the widest cells, until a line fits with some room for the last. On the narrowest screens the line is cut.</summary>
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
        Cut(string.Join("  ", row.Select((cell, column) => column < widths.Length ? Fill(Cut(cell, widths[column]), widths[column]) : cell)), width);

    /// <summary>A text that takes no more columns than a width.</summary>
    public static string Cut(string text, int? width)
    {
        // No character takes more than two columns.
        if (width is not { } most || most < 1 || text.Length * 2 <= most || Columns(text) <= most)
            return text;
        var at = 0;
        var columns = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (columns + Columns(rune) > most - 1)
                break;
            columns += Columns(rune);
            at += rune.Utf16SequenceLength;
        }
        return text[..at] + "…";
    }

    /// <summary>A text with so many spaces behind it that it takes a width.</summary>
    public static string Fill(string text, int width) => text + new string(' ', Math.Max(0, width - Columns(text)));

    /// <summary>Columns that a text takes on a screen.</summary>
    public static int Columns(string text)
    {
        var columns = 0;
        foreach (var rune in text.EnumerateRunes())
            columns += Columns(rune);
        return columns;
    }

    private static int Columns(Rune rune) => rune.IsAscii ? 1 : Math.Max(0, UnicodeCalculator.GetWidth(rune));
}
