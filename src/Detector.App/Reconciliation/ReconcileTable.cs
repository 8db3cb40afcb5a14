using System.Globalization;
using Detector.App.Replays;
using Detector.Core.Reconciliation;

namespace Detector.App.Reconciliation;

/// <summary>A comparison, for people.</summary>
internal static class ReconcileTable
{
    /// <summary>Events of a sort that people are shown; programs get all that are kept.</summary>
    private const int Shown = 50;

    public static void Write(TextWriter output, Reconciled reconciled, int? width)
    {
        var comparison = reconciled.Comparison;
        Write(
            output,
            ["EVENTS", "CAME", "MISSED", "WHY"],
            comparison.Kinds.Select(count => (string[])[count.Kind.Name(), Words.Of(count.Came), Words.Of(count.Missed), MissedKinds.Why(count)]),
            width
        );
        foreach (var place in comparison.SilentPlaces)
            output.WriteLine(
                OneLine.Of($"of account {place.Account}, region {place.Region} nothing came at all: does a rule there forward its events to this queue?")
            );
        foreach (var count in comparison.Kinds.Where(count => count.ShouldHaveCome))
        {
            output.WriteLine();
            Write(output, ["MISSED", "WHAT", "ACCOUNT", "REGION", "WHO", "WHERE"], comparison.Missed(count.Kind).Take(Shown).Select(Row), width);
            if (count.Missed > Shown)
                output.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"and {count.Missed - Shown} more; --output json names {ArchiveComparison.MaxNamed}")
                );
        }
        if (reconciled.Missed.Count > 0)
        {
            output.WriteLine();
            AlertLines.WriteTable(output, reconciled.Missed.Select(one => one.Alert), width);
        }
        output.WriteLine();
        output.WriteLine(Summary(reconciled));
        if (reconciled.Integrity is { } integrity)
            Integrity.IntegrityLines.WriteTable(output, integrity);
    }

    private static string Summary(Reconciled reconciled)
    {
        var missed = reconciled.Comparison.Kinds.Where(count => count.ShouldHaveCome).Sum(count => count.Missed);
        var alerts = Words.Count(reconciled.Missed.Count, "alert");
        var told =
            reconciled.Missed.Count == 0 ? "they raise no alert"
            : reconciled.Sent is { } sent ? $"{alerts} of what never came, of which {Words.Of(sent)} had not been told and were sent"
            : $"{alerts} of what never came, of which {Words.Of(reconciled.New)} have not been told: --deliver sends them";
        return $"{Words.Count(missed, "event")} of {Words.Of(reconciled.Outcome.Stats.Records)} should have come and did not; {told}";
    }

    private static string[] Row(MissedEvent missed) =>
        [
            .. new[]
            {
                Times.Exact(missed.EventTime) ?? "no time",
                $"{missed.EventSource?.Replace(".amazonaws.com", "", StringComparison.Ordinal)}:{missed.EventName}",
                missed.Account ?? "-",
                missed.Region ?? "-",
                missed.Actor ?? "-",
                $"{missed.File}#{missed.Index.ToString(CultureInfo.InvariantCulture)}",
            }.Select(OneLine.Of),
        ];

    private static void Write(TextWriter output, string[] heads, IEnumerable<string[]> cells, int? width)
    {
        var rows = cells.Prepend(heads).ToList();
        var widths = heads[..^1].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        TextTable.Fit(widths, heads, width);
        foreach (var row in rows)
            output.WriteLine(TextTable.Line(row, widths, width));
    }
}
