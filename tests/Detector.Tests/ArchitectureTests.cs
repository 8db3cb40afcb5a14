using System.Reflection;
using System.Text.RegularExpressions;
using Detector.Core;

namespace Detector.Tests;

/// <summary>App → Adapters → Core; inside Core, Events ← Integrity, and Events ← Policies ← Rules ← Detection ← Delivery ← Reconciliation, Pump.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string RuntimeFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
    private static readonly string[] Layers = ["Events", "Integrity", "Policies", "Rules", "Detection", "Delivery", "Reconciliation"];

    [Fact]
    public void Core_References_OnlyRxAndYaml()
    {
        var references = References(typeof(Notice).Assembly).Where(name => !File.Exists(Path.Combine(RuntimeFolder, $"{name}.dll")));

        Assert.Empty(references.Except(["System.Reactive", "YamlDotNet"]));
    }

    [Theory]
    [InlineData("Detector.Core")]
    [InlineData("Detector.Adapters", "Detector.Core")]
    [InlineData("Detector.MassTransit", "Detector.Core")]
    [InlineData("detector", "Detector.Adapters", "Detector.Core")]
    public void Assembly_References_OnlyThoseBelowIt(string assembly, params string[] below)
    {
        var ours = References(Assembly.Load(assembly)).Where(name => name.StartsWith("detector", StringComparison.OrdinalIgnoreCase));

        Assert.Empty(ours.Except(below));
    }

    [Theory]
    [InlineData("Events")]
    [InlineData("Integrity")]
    [InlineData("Policies")]
    [InlineData("Rules")]
    [InlineData("Detection")]
    [InlineData("Delivery")]
    public void CoreFolder_Source_KnowsNoFolderAboveIt(string folder)
    {
        var above = Layers[(Array.IndexOf(Layers, folder) + 1)..];

        var upward =
            from file in Directory.EnumerateFiles(Repository.PathOf("src", "Detector.Core", folder), "*.cs", SearchOption.AllDirectories)
            from match in NamespaceUse().Matches(Comment().Replace(File.ReadAllText(file), ""))
            where above.Contains(match.Groups["layer"].Value)
            select $"{Path.GetFileName(file)}: {match.Value}";

        Assert.Empty(upward);
    }

    /// <summary>Beside the folders lie what runs them all, such as the pump, and these, which every folder may use.</summary>
    [Theory]
    [InlineData("Ahead")]
    [InlineData("NearestName")]
    [InlineData("Notice")]
    [InlineData("ShortText")]
    [InlineData("Tracing")]
    public void CoreRoot_WhatFoldersUse_KnowsNoFolder(string file) =>
        Assert.DoesNotMatch(NamespaceUse(), Comment().Replace(File.ReadAllText(Repository.PathOf("src", "Detector.Core", $"{file}.cs")), ""));

    [Fact]
    public void Policies_Source_UsesOnlyTheJsonOfEvents()
    {
        var others =
            from file in Directory.EnumerateFiles(Repository.PathOf("src", "Detector.Core", "Policies"), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file)
            where line.StartsWith("using Detector.", StringComparison.Ordinal) && line != "using Detector.Core.Events.Json;"
            select $"{Path.GetFileName(file)}: {line}";

        Assert.Empty(others);
    }

    [Fact]
    public void CoreFolder_Namespaces_AreThatOfTheirFolder()
    {
        var strays =
            from layer in Layers
            from file in Directory.EnumerateFiles(Repository.PathOf("src", "Detector.Core", layer), "*.cs", SearchOption.AllDirectories)
            where !File.ReadAllText(file).Contains($"namespace Detector.Core.{layer}", StringComparison.Ordinal)
            select file;

        Assert.Empty(strays);
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    // "using Detector.Core.Rules;", "Detector.Core.Rules.Level", and "Rules.Level" as it may be written inside Detector.Core; not "rule.Rules.Count".
    [GeneratedRegex(
        @"(?:Detector\.Core\.(?<layer>\w+))|(?<![\w.])(?<layer>Events|Integrity|Policies|Rules|Detection|Delivery|Reconciliation)\.(?=[A-Z])",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex NamespaceUse();

    [GeneratedRegex("//.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();
}
