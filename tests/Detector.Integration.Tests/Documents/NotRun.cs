using System.Text.RegularExpressions;

namespace Detector.Integration.Tests.Documents;

/// <summary>A command of a document that no test runs.</summary>
/// <param name="Beginning">How it begins.</param>
/// <param name="Reason">Why it is not run, and what holds it instead.</param>
/// <param name="Check">What can be said without running it.</param>
internal sealed partial record NotRun(string Beginning, string Reason, Action<string> Check)
{
    /// <summary>All of them. What is in no document any more does not belong here.</summary>
    public static IReadOnlyList<NotRun> All { get; } =
    [
        new("dotnet test Detector.sln", "runs this test", _ => Assert.True(File.Exists(Repository.PathOf("Detector.sln")))),
        new("dotnet run -c Release --project tests/Detector.Benchmarks -- ", "measures for minutes", BenchmarkIsThere),
        new("tests/Detector.Benchmarks/replay.sh ", "measures for minutes, with the native program", ScriptKnowsTheOptions),
        new("dotnet run -c Release --project tests/Detector.Integration.Tests -- ", "is a test, which runs by itself", TestIsThere),
        new("dotnet run -c Release --project tests/Detector.Tests -- ", "is a test, which runs by itself", TestIsThere),
        new("SLACK_PREVIEW=docs/images dotnet run -c Release --project tests/Detector.Integration.Tests -- ", "is a test, which runs by itself", TestIsThere),
        new("DETECTOR_WRITE_DOCS=1 dotnet run -c Release --project tests/Detector.Integration.Tests -- ", "is tests, which run by themselves", TestIsThere),
        new("sqlite3 detector.db ", "reads what only a poisoned ledger holds", LedgerHasTheColumns),
        new("dotnet run -c Release --project tests/Detector.Fuzz -- ", "feeds each reader for an hour", FuzzerKnowsTheOptions),
        new(
            "DETECTOR_HOSTILE_INPUTS=20000 DETECTOR_FUZZ_SEED=10 dotnet run -c Release --project tests/Detector.Tests -- ",
            "is a test, which runs by itself, on fewer inputs",
            TestIsThere
        ),
    ];

    public override string ToString() => Beginning;

    private static void BenchmarkIsThere(string command)
    {
        var arguments = command.Split(" -- ")[1].Split(' ');
        var program = File.ReadAllText(Repository.PathOf("tests", "Detector.Benchmarks", "Program.cs"));
        if (arguments is ["--filter", var filter])
            Assert.Contains(
                Directory.EnumerateFiles(Repository.PathOf("tests", "Detector.Benchmarks"), "*.cs"),
                file => File.ReadAllText(file).Contains($"class {filter.Trim('\'', '*')}", StringComparison.Ordinal)
            );
        else
            Assert.Contains($"args is [\"{arguments[0]}\"", program, StringComparison.Ordinal);
    }

    private static void ScriptKnowsTheOptions(string command)
    {
        var script = File.ReadAllText(Repository.PathOf("tests", "Detector.Benchmarks", "replay.sh"));
        Assert.All(Option().Matches(command), option => Assert.Contains($"        {option.Value})", script, StringComparison.Ordinal));
    }

    private static void FuzzerKnowsTheOptions(string command)
    {
        var program = File.ReadAllText(Repository.PathOf("tests", "Detector.Fuzz", "Program.cs"));
        Assert.All(Option().Matches(command.Split(" -- ")[1]), option => Assert.Contains($">(\"{option.Value}\")", program, StringComparison.Ordinal));
    }

    private static void TestIsThere(string command)
    {
        var name = command.Split(" -class ")[1].Split(' ')[0].Trim('\'', '*').Split('.')[^1];
        Assert.Contains(
            Directory.EnumerateFiles(Repository.PathOf("tests"), $"*{name}.cs", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains($"class {Path.GetFileNameWithoutExtension(file)}", StringComparison.Ordinal)
        );
    }

    private static void LedgerHasTheColumns(string query)
    {
        var schema = File.ReadAllText(Repository.PathOf("src", "Detector.Adapters", "Ledgers", "LedgerSchema.cs"));
        Assert.All(["rejected", "last_seen", "origin", "place", "reason", "times"], name => Assert.Contains(name, schema, StringComparison.Ordinal));
        Assert.Contains("FROM rejected", query, StringComparison.Ordinal);
    }

    [GeneratedRegex("--[a-z]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Option();
}
