using System.Text.Json;
using Detector.App.Practices;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules list</c> was asked to do.</summary>
/// <param name="Folders">Folders or files of rules.</param>
/// <param name="Output">table, json or markdown.</param>
internal sealed record RulesListSettings(IReadOnlyList<string> Folders, string Output);

/// <summary>Lists rules with what they watch and how they are tested.</summary>
internal static class RulesListCommand
{
    private const int NarrowestTitle = 20;
    private const int WithoutTerminal = 160;

    private static readonly string[] Headings = ["practice", "level", "rule", "title", "techniques", "cases", "changed", "needs"];

    /// <summary>Returns the exit code.</summary>
    public static int Run(RulesListSettings settings, Terminal terminal)
    {
        var load = RuleLoad.From(settings.Folders);
        foreach (var error in load.Refused)
            terminal.Error.WriteLine(OneLine.Of(error.ToString()));
        var listed = ListedRule.Of(load.Rules);
        switch (settings.Output)
        {
            case "json":
                foreach (var rule in listed)
                    JsonOut.Write(terminal.Out, json => Write(json, rule));
                break;
            case "markdown":
                terminal.Out.WriteLine($"| {string.Join(" | ", Headings)} |");
                terminal.Out.WriteLine($"|{string.Concat(Headings.Select(_ => "---|"))}");
                foreach (var rule in listed)
                    terminal.Out.WriteLine(
                        $"| {string.Join(" | ", Cells(rule).Select(cell => OneLine.Of(cell).Replace("|", "\\|", StringComparison.Ordinal)))} |"
                    );
                break;
            default:
                Write(terminal.Out, listed, terminal.Width ?? WithoutTerminal);
                break;
        }
        return load.IsEmpty ? ExitCode.Usage
            : load.Refused.Count > 0 ? ExitCode.Partly
            : ExitCode.Done;
    }

    private static string[] Cells(ListedRule rule) =>
        [
            string.Join(", ", rule.Detections),
            rule.Level,
            rule.Rule.Label,
            rule.Rule.Title,
            string.Join(", ", rule.Techniques),
            rule.Cases.ToString(),
            rule.Rule.Changed ?? "",
            string.Join(", ", rule.Needs),
        ];

    /// <summary>A line a rule, cut to the width: the title gives way first, then what stands last.</summary>
    private static void Write(TextWriter output, IReadOnlyList<ListedRule> listed, int width)
    {
        List<string[]> rows = [Headings, .. listed.Select(rule => Cells(rule).Select(OneLine.Of).ToArray())];
        int[] widths = [.. Headings.Select((_, column) => rows.Max(row => row[column].Length))];
        var title = Array.IndexOf(Headings, "title");
        var over = widths.Sum() + (2 * (widths.Length - 1)) - width;
        widths[title] = Math.Clamp(widths[title] - over, Math.Min(NarrowestTitle, widths[title]), widths[title]);
        foreach (var row in rows)
        {
            var line = string.Join("  ", row.Select((cell, column) => TextTable.Fill(TextTable.Cut(cell, widths[column]), widths[column]))).TrimEnd();
            output.WriteLine(TextTable.Cut(line, width));
        }
        output.WriteLine();
        output.WriteLine(
            $"{listed.Count} rules, {listed.Count(rule => rule.IsAttempt)} of them for attempts; cases: fires/attempt/quiet. Rules that only serve others are left out."
        );
    }

    private static void Write(Utf8JsonWriter json, ListedRule rule)
    {
        json.WriteString("rule", rule.Rule.Label);
        json.WriteString("id", rule.Rule.Id);
        json.WriteString("title", rule.Rule.Title);
        json.WriteString("level", rule.Level);
        json.WriteTexts("practices", rule.Detections.Select(PracticeCatalogue.Of).OfType<Practice>().Distinct().Select(practice => practice.Slug));
        json.WriteTexts("detections", rule.Detections);
        json.WriteTexts("techniques", rule.Techniques);
        json.WriteStartObject("cases");
        json.WriteNumber("fires", rule.Cases.Fires);
        json.WriteNumber("attempt", rule.Cases.Attempt);
        json.WriteNumber("quiet", rule.Cases.Quiet);
        json.WriteEndObject();
        json.WriteString("changed", rule.Rule.Changed);
        json.WriteBoolean("attempt", rule.IsAttempt);
        json.WriteBoolean("correlation", rule.Rule is Core.Rules.CorrelationRule);
        json.WriteBoolean("needsHistory", rule.NeedsHistory);
        json.WriteBoolean("needsReadOnlyEvents", rule.NeedsReadOnly);
        json.WriteBoolean("needsDataEvents", rule.NeedsData);
        json.WriteString("file", rule.Rule.Place.File);
        json.WriteNumber("line", rule.Rule.Place.Line);
    }
}
