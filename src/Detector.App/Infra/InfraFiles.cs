using System.Text;

namespace Detector.App.Infra;

/// <summary>What is deployed, with the patterns of a plan in it. The same makes the files in infra/, which hold those of the shipped rules.</summary>
internal static class InfraFiles
{
    /// <summary>The CloudFormation template that travels with the program.</summary>
    public static string Template { get; } = Embedded("cloudformation.yaml");

    /// <summary>The template for other regions and accounts, which travels with it.</summary>
    public static string ForwarderTemplate { get; } = Embedded("forwarder.yaml");

    /// <summary>The variables of the Terraform module: its patterns, as texts.</summary>
    public static void TerraformVariables(TextWriter output, PatternPlan plan) =>
        JsonOut.Write(output, json => json.WriteTexts("patterns", plan.Patterns.Select(pattern => pattern.Json)));

    /// <summary>The patterns that are the Terraform module's own: patterns.json.</summary>
    public static string TerraformPatterns(PatternPlan plan) => $"[\n{string.Join(",\n", plan.Patterns.Select(pattern => $"  {pattern.Json}"))}\n]\n";

    /// <summary>The template with a rule for each pattern in place of those that it has.</summary>
    public static string CloudFormation(PatternPlan plan, string template) =>
        Replaced(
            Replaced(template, "rules", Rules(plan, "- Id: !Sub ${Name}-events\n          Arn: !GetAtt Events.Arn")),
            "arns",
            string.Concat(plan.Patterns.Select((_, i) => $"                  - !GetAtt Rule{i + 1}.Arn\n"))
        );

    /// <summary>The same of the template that forwards.</summary>
    public static string Forwarder(PatternPlan plan, string template) =>
        Replaced(template, "rules", Rules(plan, "- Id: !Sub ${Name}-bus\n          Arn: !Ref BusArn\n          RoleArn: !GetAtt Role.Arn"));

    private static string Rules(PatternPlan plan, string target) => string.Concat(plan.Patterns.Select((pattern, i) => Rule(i + 1, pattern, target)));

    private static string Rule(int number, EventPattern pattern, string target) =>
        $$"""
              Rule{{number}}:
                Type: AWS::Events::Rule
                Properties:
                  Name: !Sub ${Name}-{{number}}
                  Description: CloudTrail events that the detector's rules need
                  State: {{PatternPlan.State}}
                  EventPattern: {{pattern.Json}}
                  Targets:
                    {{target}}

            """;

    private static string Replaced(string template, string part, string made)
    {
        var lines = template.Split('\n').ToList();
        var (begin, end) = (lines.FindIndex(line => line.Trim() == $"# >>> {part}"), lines.FindIndex(line => line.Trim() == $"# <<< {part}"));
        return string.Join('\n', [.. lines[..(begin + 1)], .. made.TrimEnd('\n').Split('\n'), .. lines[end..]]);
    }

    private static string Embedded(string name)
    {
        using var text = new StreamReader(typeof(InfraFiles).Assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return text.ReadToEnd();
    }
}
