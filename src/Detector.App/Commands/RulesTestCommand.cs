using System.Text.Json;
using Detector.App.RuleTests;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules test</c> was asked to do.</summary>
/// <param name="Folders">Folders of rules.</param>
/// <param name="Json">Whether to answer with one JSON object in place of text.</param>
internal sealed record RulesTestSettings(IReadOnlyList<string> Folders, bool Json);

/// <summary>Runs the cases beside rules: sample events that must raise a rule, and others that must not.</summary>
internal static class RulesTestCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(RulesTestSettings settings, Terminal terminal)
    {
        var load = RuleLoad.From(settings.Folders);
        foreach (var error in load.Refused)
            terminal.Error.WriteLine(OneLine.Of(error.ToString()));
        var run = new CaseRun(load.Rules);
        var results = new List<Result>();
        foreach (var tested in TestedRules.Of(load.Rules))
        {
            terminal.Stopping.ThrowIfCancellationRequested();
            results.Add(new Result(tested, [.. tested.Cases.Select(one => run.Try(tested, one)).OfType<CaseFailure>()]));
        }
        if (settings.Json)
            JsonOut.Write(terminal.Out, json => Write(json, results, load));
        else
            Write(terminal.Out, results);
        return results.Exists(result => result.Failures.Count > 0) ? ExitCode.Failed
            : load.IsEmpty ? ExitCode.Usage
            : load.Refused.Count > 0 ? ExitCode.Partly
            : ExitCode.Done;
    }

    private static void Write(TextWriter output, List<Result> results)
    {
        var width = results.Select(result => OneLine.Of(result.Tested.Label).Length).DefaultIfEmpty().Max();
        foreach (var result in results)
            output.WriteLine($"{OneLine.Of(result.Tested.Label).PadRight(width)}  {result.Words}");
        foreach (var failure in results.SelectMany(result => result.Failures))
        {
            output.WriteLine();
            output.WriteLine(OneLine.Of($"{failure.Case.File}: {failure.Reason}"));
            foreach (var line in failure.Explanation)
                output.WriteLine("  " + OneLine.Of(line));
        }
        output.WriteLine();
        output.WriteLine(
            $"{results.Sum(result => result.Passed)} cases passed, {results.Sum(result => result.Failures.Count)} failed, "
                + $"{results.Count(result => result.Tested.Cases.Count == 0)} rules without cases"
        );
    }

    private static void Write(Utf8JsonWriter json, List<Result> results, RuleLoad load)
    {
        json.WriteNumber("passed", results.Sum(result => result.Passed));
        json.WriteNumber("failed", results.Sum(result => result.Failures.Count));
        json.WriteNumber("refused", load.Refused.Count);
        json.WriteArray(
            "rules",
            results,
            result =>
            {
                json.WriteString("rule", result.Tested.Label);
                json.WriteString("file", result.Tested.Rules.Concat(result.Tested.Attempts).First().Place.File);
                json.WriteNumber("cases", result.Tested.Cases.Count);
                json.WriteNumber("failed", result.Failures.Count);
            }
        );
        json.WriteArray(
            "failures",
            results.SelectMany(result => result.Failures),
            failure =>
            {
                json.WriteString("rule", failure.Rule);
                json.WriteString("case", failure.Case.File);
                json.WriteString("reason", failure.Reason);
                json.WriteStartArray("explanation");
                foreach (var line in failure.Explanation)
                    json.WriteStringValue(line);
                json.WriteEndArray();
            }
        );
    }

    private sealed record Result(TestedRules Tested, IReadOnlyList<CaseFailure> Failures)
    {
        public int Passed => Tested.Cases.Count - Failures.Count;

        public string Words =>
            (Tested.Cases.Count, Failures.Count) switch
            {
                (0, _) => "no cases",
                (var all, 0) => $"{all} passed",
                (_, var failed) => $"{Passed} passed, {failed} FAILED",
            };
    }
}
