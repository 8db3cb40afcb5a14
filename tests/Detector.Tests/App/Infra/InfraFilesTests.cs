using System.Text.Json;
using Detector.App;
using Detector.App.Infra;
using YamlDotNet.RepresentationModel;

namespace Detector.Tests.App.Infra;

/// <summary>What infra/ deploys are the patterns of the shipped rules. DETECTOR_WRITE_DOCS=1 writes them there.</summary>
public sealed class InfraFilesTests
{
    private static readonly Lazy<PatternPlan> Plan = new(() => PatternPlan.For(RuleLoad.From([Places.Rules]).Rules, EventPattern.DefaultLimit));

    [Fact]
    public void Terraform_Patterns_AreThoseOfTheShippedRules() =>
        Holds(Repository.PathOf("infra", "terraform", "patterns.json"), _ => InfraFiles.TerraformPatterns(Plan.Value));

    [Fact]
    public void CloudFormation_Rules_AreThoseOfTheShippedRules() =>
        Holds(Repository.PathOf("infra", "cloudformation", "detector.yaml"), template => InfraFiles.CloudFormation(Plan.Value, template));

    [Fact]
    public void Forwarder_Rules_AreThoseOfTheShippedRules() =>
        Holds(Repository.PathOf("infra", "cloudformation", "forwarder.yaml"), template => InfraFiles.Forwarder(Plan.Value, template));

    [Fact]
    public void CloudFormation_Queue_TakesEventsFromItsRulesAlone()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(InfraFiles.CloudFormation(Plan.Value, InfraFiles.Template)));
        var resources = (YamlMappingNode)yaml.Documents[0].RootNode["Resources"];

        var rules = resources.Children.Where(resource => resource.Value["Type"].ToString() == "AWS::Events::Rule").Select(rule => $"{rule.Key}.Arn");
        var statement = resources["EventsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
        var admitted = ((YamlSequenceNode)statement["Condition"]["ArnEquals"]["aws:SourceArn"]).Select(arn => arn.ToString());

        Assert.Equal(rules.Order(StringComparer.Ordinal), admitted.Order(StringComparer.Ordinal));
        Assert.Equal(Plan.Value.Patterns.Count + 1, rules.Count());
    }

    [Fact]
    public void TerraformVariables_AnyPlan_AreJsonOfItsPatterns()
    {
        using var output = new StringWriter();
        InfraFiles.TerraformVariables(output, Plan.Value);

        using var json = JsonDocument.Parse(output.ToString());
        Assert.Equal(
            Plan.Value.Patterns.Select(pattern => pattern.Json),
            json.RootElement.GetProperty("patterns").EnumerateArray().Select(pattern => pattern.GetString())
        );
    }

    private static void Holds(string path, Func<string, string> made)
    {
        var text = File.ReadAllText(path);
        if (Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
            File.WriteAllText(path, made(text));
        else
            Assert.Equal(made(text), text);
    }
}
