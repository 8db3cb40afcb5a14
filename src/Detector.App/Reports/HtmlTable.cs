namespace Detector.App.Reports;

/// <summary>Tables and lists of terms, as the report writes them.</summary>
internal static class HtmlTable
{
    /// <summary>Rows of a table are for a person; the page names how many more there are.</summary>
    public const int MostRows = 200;

    /// <summary>A table.</summary>
    /// <param name="output">The page.</param>
    /// <param name="heads">The columns; <c>#</c> before one of numbers.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cells">The HTML of a row's cells, or of a column of numbers the whole element.</param>
    /// <param name="style">Its class.</param>
    public static void Table<T>(TextWriter output, string[] heads, IEnumerable<T> rows, Func<T, string[]> cells, string style = "")
    {
        output.Write($"<table{(style.Length > 0 ? $" class=\"{style}\"" : "")}><thead><tr>");
        foreach (var head in heads)
            output.Write(
                head is ['#', ..] ? $"<th scope=\"col\" class=\"number\"><span>{Html.Text(head[1..])}</span></th>" : $"<th scope=\"col\">{Html.Text(head)}</th>"
            );
        output.WriteLine("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            output.Write("<tr>");
            foreach (var (column, cell) in cells(row).Index())
                output.Write(
                    column == 0 ? $"<th scope=\"row\">{cell}</th>"
                    : heads[column] is ['#', ..]
                        ? cell.StartsWith("<td", StringComparison.Ordinal) ? cell
                            : $"<td class=\"number\">{cell}</td>"
                    : $"<td>{cell}</td>"
                );
            output.WriteLine("</tr>");
        }
        output.WriteLine("</tbody></table>");
    }

    /// <summary>How many more there are, if there are.</summary>
    public static void More(TextWriter output, int all, int shown, string of = "rows")
    {
        if (all > shown)
            output.WriteLine($"<p class=\"soft\">{Words.Of(all - shown)} more {of} are not shown.</p>");
    }

    /// <summary>A term and a text.</summary>
    public static void Term(TextWriter output, string name, string value) => Row(output, name, Html.Text(value));

    /// <summary>A term and HTML.</summary>
    public static void Row(TextWriter output, string name, string html) => output.WriteLine($"<dt>{name}</dt><dd>{html}</dd>");
}
