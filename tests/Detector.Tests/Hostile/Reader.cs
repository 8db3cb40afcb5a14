using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Detector.Tests.Hostile;

/// <summary>
/// Reads what a sink has made as its receiver does, by the receiver's own rules and not by the code that escapes, and tells what in it is a hostile text's doing.
/// </summary>
internal static partial class Reader
{
    /// <summary>A terminal: nothing steers it, reverses it or is invisible, but line ends and the colours that the program itself writes.</summary>
    public static IEnumerable<string> Terminal(string text)
    {
        var plain = OurColour.Replace(text, "");
        foreach (var rune in plain.EnumerateRunes())
        {
            if (rune.Value != '\n' && Steers(rune))
                yield return $"a terminal is steered by U+{rune.Value:X4}";
        }
    }

    /// <summary>
    /// A mail program or a phone: no link is made. Mail programs make one of a scheme, of www, of an address, and of a bare name that ends like a domain. A name
    /// that ends in json or gz is none: those are no top-level domains (IANA root zone). AWS's own service names may be one.
    /// </summary>
    public static IEnumerable<string> Mail(string text) =>
        Terminal(text)
            .Concat(
                Link.Matches(Ours.Replace(text, "")).Where(link => !AwsName.IsMatch(link.Value)).Select(link => $"a mail program makes a link of {link.Value}")
            );

    /// <summary>JSON on one line, in the characters that every terminal and every parser reads the same.</summary>
    public static IEnumerable<string> JsonLine(string line)
    {
        if (line.Any(character => character is < ' ' or > '~'))
            yield return "a JSON line has characters that are not printable ASCII";
        if (!IsJson(line, out var problem))
            yield return $"broken JSON: {problem}";
    }

    /// <summary>Whether it is one JSON text (RFC 8259).</summary>
    public static bool IsJson(string text, out string problem)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            problem = "";
            return true;
        }
        catch (JsonException error)
        {
            problem = error.Message;
            return false;
        }
    }

    /// <summary>
    /// A spreadsheet (RFC 4180), where commas part cells and where semicolons do: every line has its columns, no cell is a formula. Excel takes a cell that begins
    /// with one of = + - @ for one, whatever the quotes say.
    /// </summary>
    public static IEnumerable<string> Csv(string text, int columns)
    {
        foreach (var row in Rows(text, ','))
        {
            if (row.Count != columns)
                yield return $"a CSV line has {row.Count} cells instead of {columns}";
            foreach (var cell in row.Where(IsFormula))
                yield return $"a formula: {cell}";
        }
        foreach (var cell in Rows(text, ';').SelectMany(row => row).Where(IsFormula))
            yield return $"a formula, where semicolons part cells: {cell}";
    }

    /// <summary>What was cut ends in a mark: a text that began and did not come to its end is followed by one.</summary>
    public static IEnumerable<string> Cuts(string text, string mark = "…")
    {
        for (var at = text.IndexOf(HostileText.Begin, StringComparison.Ordinal); at >= 0; )
        {
            var next = text.IndexOf(HostileText.Begin, at + 1, StringComparison.Ordinal);
            var whole = next < 0 ? text[at..] : text[at..next];
            if (!whole.Contains(HostileText.End, StringComparison.Ordinal) && !whole.Contains(mark, StringComparison.Ordinal))
                yield return $"cut without a mark: {whole[..Math.Min(80, whole.Length)]}";
            at = next;
        }
    }

    /// <summary>Whether a character does something instead of being seen.</summary>
    public static bool Steers(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;

    /// <summary>Whether a text holds half of a character.</summary>
    public static bool IsBroken(string text) => text.Contains('\ufffd', StringComparison.Ordinal) || !text.IsNormalizedSafely();

    private static bool IsNormalizedSafely(this string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                return false;
        }
        return true;
    }

    private static bool IsFormula(string cell) =>
        cell.TrimStart().TrimStart('\t', '\r', '\n', ' ') is ['=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠', ..];

    /// <summary>A quoted cell goes on to its last quote; what follows that up to the separator belongs to it, as in Excel.</summary>
    private static List<List<string>> Rows(string text, char separator)
    {
        List<List<string>> rows = [];
        List<string> row = [];
        var cell = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && cell.Length == 0)
            {
                for (i++; i < text.Length && (text[i] != '"' || (i + 1 < text.Length && text[i + 1] == '"')); i++)
                {
                    cell.Append(text[i]);
                    if (text[i] == '"')
                        i++;
                }
            }
            else if (text[i] == separator || text[i] == '\n')
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (text[i] == '\n')
                {
                    rows.Add(row);
                    row = [];
                }
            }
            else if (text[i] != '\r')
            {
                cell.Append(text[i]);
            }
        }
        return rows;
    }

    [GeneratedRegex("\u001b\\[(?:[0-9]{2}(?:;[0-9]{2})?|0)m", RegexOptions.None, 10_000)]
    private static partial Regex OurColour { get; }

    [GeneratedRegex(
        @"[a-z][a-z0-9+.-]*://|\b(?:mailto|tel|javascript):\S|\bwww\.\w|(?:[\w-]+\.)+(?!json\b|jsonl\b|gz\b)[a-z]{2,}(?![\w-])",
        RegexOptions.IgnoreCase,
        10_000
    )]
    private static partial Regex Link { get; }

    /// <summary>The two lines that are made for people to follow: an event's page in the console, and a command for a shell.</summary>
    [GeneratedRegex(
        @"^(?:Open:     https://(?<region>[a-z0-9-]+)\.console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)/cloudtrailv2/home\?region=\k<region>#/events/[0-9a-f-]{36}|Again:    detector replay (?:s3://[a-z0-9.-]+/[A-Za-z0-9/_.=-]+|--lookup-events --region [a-z0-9-]+ --from [0-9TZ:-]+ --to [0-9TZ:-]+))$",
        RegexOptions.Multiline,
        10_000
    )]
    private static partial Regex Ours { get; }

    [GeneratedRegex(@"^[a-z0-9-]+\.amazonaws\.com$", RegexOptions.None, 10_000)]
    private static partial Regex AwsName { get; }
}
