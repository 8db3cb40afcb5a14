using System.Text;
using System.Text.Json;
using Detector.App;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;

namespace Detector.Tests.Rules;

/// <summary>Runs the engine's own reader and matcher over texts.</summary>
internal static class Matching
{
    /// <summary>Loads rules that must all be taken.</summary>
    public static RuleSet Load(params IEnumerable<(string File, string Text)> files)
    {
        var read = files.Select(f => SigmaReader.Read(f.File, f.Text, DeploymentNames.Placeholders(options: null))).ToArray();
        var errors = read.SelectMany(r => r.Errors).ToArray();
        Assert.True(errors.Length == 0, string.Join('\n', errors.Select(e => e.ToString())));
        return RuleSet.Compile([.. read.SelectMany(r => r.Rules)]);
    }

    /// <summary>A rule around a detection given as JSON, which is YAML too.</summary>
    public static string RuleAround(string detection) => $"title: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {detection}\n";

    /// <summary>Labels of the rules that each record of a text meets.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Run(RuleSet rules, string text)
    {
        var matcher = new RuleMatcher(rules);
        return Run(matcher, text);
    }

    /// <inheritdoc cref="Run(RuleSet, string)"/>
    public static IReadOnlyList<IReadOnlyList<string>> Run(RuleMatcher matcher, string text)
    {
        var matches = new List<IReadOnlyList<string>>();
        var reader = new RecordReader(Encoding.UTF8.GetBytes(text), matcher.Rules.Selection, new FieldTable());
        ReadResult result;
        while ((result = reader.Read(out var record)) != ReadResult.End)
        {
            Assert.True(result == ReadResult.Record, reader.Problem.Reason);
            matches.Add([.. matcher.Match(record).Where(r => r.Teaches == Detector.Core.Rules.Fields.Lessons.None).Select(r => r.Label)]);
        }
        return matches;
    }

    /// <summary>Lines of a JSONL file.</summary>
    public static IEnumerable<JsonElement> Lines(string path) => File.ReadLines(path).Where(l => l.Length > 0).Select(l => JsonDocument.Parse(l).RootElement);
}
