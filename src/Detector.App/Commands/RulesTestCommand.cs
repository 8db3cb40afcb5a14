using System.Diagnostics;
using System.Text.Json;
using Detector.App.RuleTests;
using Detector.App.RuleTests.Mutations;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>How results are written.</summary>
internal enum TestOutput
{
    /// <summary>Lines for people.</summary>
    Text,

    /// <summary>One JSON object.</summary>
    Json,

    /// <summary>JUnit's XML, for build servers.</summary>
    JUnit,
}

/// <summary>What <c>detector rules test</c> was asked to do.</summary>
/// <param name="Folders">Folders of rules.</param>
/// <param name="Output">How to answer.</param>
/// <param name="JUnit">A file that JUnit's XML goes to besides; null for none.</param>
/// <param name="Mutate">Whether the cases that fire are changed too.</param>
/// <param name="Strict">Whether a branch that no case takes is a failure.</param>
internal sealed record RulesTestSettings(IReadOnlyList<string> Folders, TestOutput Output, string? JUnit = null, bool Mutate = false, bool Strict = false);

/// <summary>Runs the cases beside rules: sample events that must raise a rule, and others that must not.</summary>
internal static class RulesTestCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(RulesTestSettings settings, Terminal terminal)
    {
        var load = RuleLoad.From(settings.Folders);
        foreach (var error in load.Refused)
            terminal.Error.WriteLine(OneLine.Of(error.ToString()));
        var results = Run(load.Rules, settings.Mutate, terminal.Stopping);
        switch (settings.Output)
        {
            case TestOutput.Json:
                JsonOut.Write(terminal.Out, json => Write(json, results, load));
                break;
            case TestOutput.JUnit:
                JUnit.Write(terminal.Out, results);
                break;
            default:
                Write(terminal.Out, results, settings);
                break;
        }
        if (settings.JUnit is { } file)
            WriteJUnit(file, results);
        return results.Any(result => result.Failed > 0 || settings.Strict && result.Unexercised.Count > 0) ? ExitCode.Failed
            : load.IsEmpty ? ExitCode.Usage
            : load.Refused.Count > 0 ? ExitCode.Partly
            : ExitCode.Done;
    }

    /// <summary>Runs the cases of every folder.</summary>
    public static IReadOnlyList<TestedResult> Run(RuleSet rules, bool mutate, CancellationToken cancellation)
    {
        var run = new CaseRun(rules);
        // Folders have nothing to do with each other.
        return
        [
            .. TestedRules.Of(rules).AsParallel().AsOrdered().WithCancellation(cancellation).Select(tested => Run(run, rules, tested, mutate, cancellation)),
        ];
    }

    private static TestedResult Run(CaseRun run, RuleSet rules, TestedRules tested, bool mutate, CancellationToken cancellation)
    {
        if (tested.Cases.Count == 0)
            return new TestedResult(tested, [], [], [], 0);
        var bench = new Bench(rules, tested);
        var checks = new List<Check>();
        var mutations = new MutationRun(bench, tested);
        foreach (var one in tested.Cases)
        {
            cancellation.ThrowIfCancellationRequested();
            var name = Path.GetFileName(one.File);
            var check = Check(name, one.File, () => run.Try(tested, one) is { } failure ? [failure] : []);
            checks.Add(check);
            // A case that fails unchanged says nothing when it is changed.
            if (mutate && check.Failures.Count == 0 && one.Expected is not Expectation.Quiet)
                checks.Add(Check($"{name}, mutated", one.File, () => mutations.Try(one)));
        }
        if (mutate && tested.All.Any(rule => rule.Mutations.Count > 0))
            checks.Add(Check("mutations that need no excuse", tested.All.First().Place.File, () => [.. mutations.Unneeded()]));
        return new TestedResult(
            tested,
            checks,
            checks.Exists(check => check.Failures.Count > 0) ? [] : BranchCoverage.Of(bench, tested),
            mutations.Hints,
            mutations.Tried
        );
    }

    private static Check Check(string name, string file, Func<IReadOnlyList<CaseFailure>> test)
    {
        var started = Stopwatch.GetTimestamp();
        var failures = test();
        return new Check(name, file, failures, Stopwatch.GetElapsedTime(started));
    }

    private static void WriteJUnit(string file, IReadOnlyList<TestedResult> results)
    {
        try
        {
            using var writer = new StreamWriter(file);
            JUnit.Write(writer, results);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"--junit: {file} cannot be written: {e.Message}");
        }
    }

    private static void Write(TextWriter output, IReadOnlyList<TestedResult> results, RulesTestSettings settings)
    {
        var width = results.Select(result => OneLine.Of(result.Name).Length).DefaultIfEmpty().Max();
        foreach (var result in results)
            output.WriteLine($"{OneLine.Of(result.Name).PadRight(width)}  {Words(result)}");
        foreach (var failure in results.SelectMany(result => result.Failures))
        {
            output.WriteLine();
            output.WriteLine(OneLine.Of($"{failure.Case.File}: {failure.Reason}"));
            foreach (var line in failure.Explanation)
                output.WriteLine("  " + OneLine.Of(line));
        }
        if (results.Any(result => result.Notes.Count > 0))
            output.WriteLine();
        foreach (var branch in results.SelectMany(result => result.Unexercised))
            output.WriteLine(OneLine.Of($"{branch.Rule.Place}: {(settings.Strict ? "FAILED" : "note")}: {branch.Rule.Label} {branch.Text}"));
        foreach (var hint in results.SelectMany(result => result.Hints))
            output.WriteLine(OneLine.Of($"hint: {hint}"));
        output.WriteLine();
        var unexercised = results.Sum(result => result.Unexercised.Sum(branch => branch.Branches));
        if (unexercised > 0)
            output.WriteLine($"{unexercised} branches of conditions are taken by no case");
        output.WriteLine(
            $"{results.Sum(result => result.Passed)} cases passed, {results.Sum(result => result.Failed)} failed, "
                + $"{results.Count(result => result.Checks.Count == 0)} rules without cases"
                + (settings.Mutate ? $"; {results.Sum(result => result.Mutations)} changed cases tried" : "")
        );
    }

    private static string Words(TestedResult result) =>
        (result.Checks.Count, result.Failed) switch
        {
            (0, _) => "no cases",
            (var all, 0) => $"{all} passed",
            (_, var failed) => $"{result.Passed} passed, {failed} FAILED",
        };

    private static void Write(Utf8JsonWriter json, IReadOnlyList<TestedResult> results, RuleLoad load)
    {
        json.WriteNumber("passed", results.Sum(result => result.Passed));
        json.WriteNumber("failed", results.Sum(result => result.Failed));
        json.WriteNumber("refused", load.Refused.Count);
        json.WriteNumber("mutations", results.Sum(result => result.Mutations));
        json.WriteArray(
            "rules",
            results,
            result =>
            {
                json.WriteString("rule", result.Name);
                json.WriteString("file", result.Tested.All.First().Place.File);
                json.WriteNumber("cases", result.Tested.Cases.Count);
                json.WriteNumber("failed", result.Failed);
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
        json.WriteArray(
            "unexercised",
            results.SelectMany(result => result.Unexercised),
            branch =>
            {
                json.WriteString("rule", branch.Rule.Label);
                json.WriteString("file", branch.Rule.Place.File);
                json.WriteNumber("line", branch.Rule.Place.Line);
                json.WriteNumber("branches", branch.Branches);
                json.WriteString("text", branch.Text);
            }
        );
        json.WriteStartArray("hints");
        foreach (var hint in results.SelectMany(result => result.Hints))
            json.WriteStringValue(hint);
        json.WriteEndArray();
    }
}
