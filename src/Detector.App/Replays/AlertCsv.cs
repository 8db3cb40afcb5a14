using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Replays;

/// <summary>
/// Alerts as CSV (RFC 4180) for spreadsheets. What begins as a formula does gets an apostrophe before it, so that no name that a caller has chosen is computed
/// when somebody opens the file. Where semicolons part cells, as in Excel on much of the continent, one begins behind each of them, whatever the quotes say.
/// </summary>
/// <remarks>OWASP, "CSV Injection".</remarks>
internal static partial class AlertCsv
{
    private const string End = "\r\n";

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    private static readonly (string Name, Func<Alert, string?> Value)[] Columns =
    [
        ("time", alert => Times.Exact(alert.Time)),
        ("level", alert => alert.Rule.Level.Word()),
        ("rule", alert => alert.Rule.Name),
        ("title", alert => alert.Rule.Title),
        ("tags", alert => string.Join(' ', alert.Rule.Tags)),
        ("account", alert => alert.Facts.Account),
        ("region", alert => alert.Facts.Region),
        ("actor", alert => alert.Facts.Actor),
        ("actorType", alert => alert.Facts.ActorType),
        ("accessKeyId", alert => alert.Facts.AccessKeyId),
        ("mfa", alert => alert.Facts.Mfa),
        ("sourceIPAddress", alert => alert.Facts.SourceAddress),
        ("userAgent", alert => alert.Facts.UserAgent),
        ("eventSource", alert => alert.Facts.EventSource),
        ("eventName", alert => alert.Facts.EventName),
        ("errorCode", alert => alert.Facts.ErrorCode),
        ("targets", alert => string.Join("; ", alert.Facts.Targets)),
        ("group", alert => alert.Group),
        ("kind", alert => alert.Kind == AlertKind.Plain ? "plain" : "correlation"),
        ("late", alert => alert.Late ? "true" : "false"),
        ("events", alert => alert.Events.Count.ToString(CultureInfo.InvariantCulture)),
        ("firstEventID", alert => alert.Events[0].EventId),
        ("firstIn", alert => $"{alert.Events[0].File}#{alert.Events[0].Index}"),
        ("alertId", alert => alert.Id.Value),
        ("behind", alert => alert.Facts.Behind?.Actor),
    ];

    /// <summary>Writes a header, and a line for each alert.</summary>
    public static void Write(TextWriter output, IEnumerable<Alert> alerts)
    {
        Write(output, Columns.Select(column => column.Name));
        foreach (var alert in alerts)
            Write(output, Columns.Select(column => Cell(column.Value(alert) ?? "")));
    }

    /// <summary>A value as a cell: on one line, never a formula, quoted where need be.</summary>
    public static string Cell(string value)
    {
        var text = FormulaBegins.Replace(OneLine.Of(value), "'");
        return text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static void Write(TextWriter output, IEnumerable<string> cells)
    {
        output.Write(string.Join(',', cells));
        output.Write(End);
    }

    [GeneratedRegex("(?<=^|;)(?=[\\s\"]*[=+\\-@＝＋－＠])", RegexOptions.None, 1000)]
    private static partial Regex FormulaBegins { get; }
}
