using System.Globalization;
using System.Text;
using System.Text.Json;
using Detector.Adapters.Ledgers;
using Detector.App.Options;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>What became of an alert as a whole.</summary>
internal enum AlertState
{
    /// <summary>A delivery is still to be made.</summary>
    Pending,

    /// <summary>Every delivery was made.</summary>
    Delivered,

    /// <summary>A sink has refused it for good.</summary>
    Refused,

    /// <summary>No sink was to have it.</summary>
    Unrouted,

    /// <summary>A suppression keeps it from every sink.</summary>
    Suppressed,
}

/// <summary>Which alerts <c>detector alerts list</c> is to list; null is no condition.</summary>
internal sealed record AlertsListSettings(
    AlertQuery Query,
    Level? Level,
    string? Rule,
    string? Account,
    string? Sink,
    string? Digest,
    AlertState? State,
    int Limit,
    bool Json
)
{
    public bool Wants(LedgerAlert one) =>
        !(one.Alert.Rule.Level < Level)
        && (Rule is null || one.Alert.Rule.Name == Rule || one.Alert.Rule.Id == Rule)
        && (Account is null || one.Alert.Facts.Account == Account)
        && (Sink is null || one.Deliveries.Any(delivery => delivery.Sink == Sink))
        && (Digest is null || one.Deliveries.Any(delivery => delivery.Digest?.Value.StartsWith(Digest, StringComparison.Ordinal) == true))
        && (State is not { } state || AlertsCommand.StateOf(one, Sink) == state);
}

/// <summary>Tells what a ledger knows of alerts, and has them sent again.</summary>
internal static class AlertsCommand
{
    /// <summary>Names the form of what is written as JSON, and its version, as <see cref="AlertJson.Schema"/> does.</summary>
    public const string Schema = "detector.ledger-alert/1";

    private const int ShortId = 8;

    /// <summary>Lists; returns the exit code.</summary>
    public static int List(LedgerOptions place, AlertsListSettings settings, Terminal terminal)
    {
        using var desk = Desk.Open(place, mayResend: false, terminal);
        var alerts = desk.Alerts(settings.Query).Where(settings.Wants).Take(settings.Limit + 1).ToList();
        var more = alerts.Count > settings.Limit;
        if (more)
            alerts.RemoveAt(settings.Limit);
        if (settings.Json)
        {
            foreach (var one in alerts)
                JsonOut.Write(terminal.Out, json => Write(json, one));
        }
        else
        {
            Table(terminal, alerts);
        }
        if (more)
            terminal.Error.WriteLine($"there are more than {settings.Limit}: --limit shows them");
        return ExitCode.Done;
    }

    /// <summary>Shows one; returns the exit code.</summary>
    public static int Show(LedgerOptions place, string id, bool asJson, Terminal terminal)
    {
        using var desk = Desk.Open(place, mayResend: false, terminal);
        if (Find(desk, id, terminal) is not { } one)
            return ExitCode.Usage;
        if (asJson)
            JsonOut.Write(terminal.Out, json => Write(json, one));
        else
            terminal.Out.Write(Whole(one));
        return ExitCode.Done;
    }

    /// <summary>Has one sent again; returns the exit code.</summary>
    public static int Resend(LedgerOptions place, string id, string? sink, Terminal terminal)
    {
        using var desk = Desk.Open(place, mayResend: true, terminal);
        if (Find(desk, id, terminal) is not { } one)
            return ExitCode.Usage;
        var due = desk.Resend(one.Alert.Id, sink);
        if (due.Count == 0)
        {
            var known =
                one.Deliveries.Count == 0 ? "no sink was to have it" : $"it is for {string.Join(", ", one.Deliveries.Select(delivery => delivery.Sink))}";
            terminal.Error.WriteLine(OneLine.Of($"alert {one.Alert.Id} is not sent again{(sink is null ? "" : $" to {sink}")}: {known}"));
            return ExitCode.Usage;
        }
        foreach (var key in due)
            terminal.Out.WriteLine(OneLine.Of($"alert {key.Alert} is due again to {key.Sink}"));
        return ExitCode.Done;
    }

    /// <summary>What became of it at a sink, or as a whole: what is worst counts.</summary>
    public static AlertState StateOf(LedgerAlert one, string? sink = null)
    {
        var states = one.Deliveries.Where(delivery => sink is null || delivery.Sink == sink).Select(delivery => delivery.State).ToHashSet();
        return states.Contains(DeliveryState.Refused) ? AlertState.Refused
            : states.Contains(DeliveryState.Pending) ? AlertState.Pending
            : states.Count > 0 ? AlertState.Delivered
            : one.Alert.HiddenBy is not null ? AlertState.Suppressed
            : AlertState.Unrouted;
    }

    private static LedgerAlert? Find(LedgerDesk desk, string id, Terminal terminal)
    {
        var found = desk.Alerts(new AlertQuery { IdPrefix = id.ToLowerInvariant() }).Take(2).ToList();
        if (found.Count != 1)
            terminal.Error.WriteLine(found.Count == 0 ? $"the ledger knows no alert {id}" : $"{id} is short for several alerts: give more of it");
        return found is [var one] ? one : null;
    }

    private static void Table(Terminal terminal, List<LedgerAlert> alerts)
    {
        string[] heads = ["ID", "TAKEN", "LEVEL", "RULE", "ACCOUNT", "WHO", "DELIVERIES"];
        var rows = alerts.ConvertAll(Row);
        var widths = heads[..^1].Select((head, column) => rows.Select(row => TextTable.Columns(row[column])).Append(head.Length).Max()).ToArray();
        TextTable.Fit(widths, heads, terminal.Width);
        if (rows.Count > 0)
            terminal.Out.WriteLine(TextTable.Line(heads, widths, terminal.Width));
        var colours = terminal.OutIsTerminal && !terminal.Environment.ContainsKey("NO_COLOR");
        foreach (var (row, one) in rows.Zip(alerts))
        {
            var line = TextTable.Line(row, widths, terminal.Width);
            terminal.Out.WriteLine(colours && Colour(StateOf(one)) is { } colour ? $"\u001b[{colour}m{line}\u001b[0m" : line);
        }
        terminal.Out.WriteLine(Words.Count(alerts.Count, "alert"));
    }

    private static string? Colour(AlertState state) =>
        state switch
        {
            AlertState.Refused => "31", // red
            AlertState.Pending => "33", // yellow
            AlertState.Unrouted or AlertState.Suppressed => "90", // grey
            _ => null,
        };

    private static string[] Row(LedgerAlert one) =>
        [
            .. new[]
            {
                one.Alert.Id.Value[..ShortId],
                Times.WholeSecond(one.AcceptedAt),
                one.Alert.Rule.Level.Word(),
                one.Alert.Rule.Name,
                one.Alert.Facts.Account ?? "-",
                one.Alert.Facts.Actor ?? one.Alert.Group ?? "-",
                one.Deliveries.Count == 0 ? Unsent(one) : string.Join(", ", one.Deliveries.Select(delivery => $"{delivery.Sink} {Word(delivery)}")),
            }.Select(OneLine.Of),
        ];

    private static string Unsent(LedgerAlert one) => one.Alert.HiddenBy is { } suppression ? $"hidden by {suppression}" : "no sink was to have it";

    private static string Word(LedgerDelivery delivery) =>
        delivery switch
        {
            { State: DeliveryState.Delivered, Digest: not null } => "delivered in a digest",
            { State: DeliveryState.Pending, Digest: not null } => "waits for a digest",
            { State: DeliveryState.Pending, Attempts: > 0 } => $"pending after {Words.Count(delivery.Attempts, "attempt")}",
            _ => delivery.State.ToString().ToLowerInvariant(),
        };

    private static string Whole(LedgerAlert one)
    {
        // As it was told then, and not as late as somebody looks.
        var text = new StringBuilder(Adapters.Reports.PlainText.Body(one.Alert, one.AcceptedAt, one.Suppressed));
        text.Append(CultureInfo.InvariantCulture, $"\nTaken:    {Times.WholeSecond(one.AcceptedAt)}\n");
        if (one.Repeats > 0)
            text.Append(CultureInfo.InvariantCulture, $"Repeats:  {one.Repeats} more events came under this id\n");
        if (one.Deliveries.Count == 0)
            text.Append(CultureInfo.InvariantCulture, $"{OneLine.Of($"Sinks:    {Unsent(one)}")}\n");
        foreach (var delivery in one.Deliveries)
        {
            var when = delivery.SettledAt is { } settled ? $" {Times.WholeSecond(settled)}" : $", next at {Times.WholeSecond(delivery.DueAt)}";
            var why = delivery.Reason.Length > 0 ? $": {delivery.Reason}" : "";
            var digest = delivery.Digest is { } id ? $", digest {id}" : "";
            text.Append(
                CultureInfo.InvariantCulture,
                $"{OneLine.Of($"Sink:     {delivery.Sink}, {delivery.State.ToString().ToLowerInvariant()}{when}, {Words.Count(delivery.Attempts, "attempt")}{digest}{why}")}\n"
            );
        }
        return text.ToString();
    }

    private static void Write(Utf8JsonWriter json, LedgerAlert one)
    {
        json.WriteString("schema", Schema);
        json.WriteString("alertId", one.Alert.Id.Value);
        json.WriteString("acceptedAt", Times.Exact(one.AcceptedAt));
        json.WriteString("state", StateOf(one).ToString().ToLowerInvariant());
        json.WriteNumber("suppressed", one.Suppressed);
        json.WriteNumber("repeats", one.Repeats);
        json.WriteArray(
            "deliveries",
            one.Deliveries,
            delivery =>
            {
                json.WriteString("sink", delivery.Sink);
                json.WriteString("state", delivery.State.ToString().ToLowerInvariant());
                json.WriteNumber("attempts", delivery.Attempts);
                json.WriteString("dueAt", delivery.State == DeliveryState.Pending ? Times.Exact(delivery.DueAt) : null);
                json.WriteString("settledAt", Times.Exact(delivery.SettledAt));
                json.WriteString("reason", delivery.Reason);
                json.WriteString("digest", delivery.Digest?.Value);
            }
        );
        json.WritePropertyName("alert");
        json.WriteRawValue(AlertJson.Write(one.Alert));
    }
}
