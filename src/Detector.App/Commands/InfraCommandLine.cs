using System.CommandLine;
using Detector.App.Infra;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>The commands about what is to be deployed, and their options.</summary>
internal static class InfraCommandLine
{
    public static Command Create(Terminal terminal) =>
        new("infra", "Tells what to deploy, so that no rule misses an event.")
        {
            Pattern(terminal),
            Files(
                terminal,
                "terraform",
                """
                Prints the variables of the Terraform module (infra/terraform) for the loaded rules: the patterns of its EventBridge rules. With the shipped rules the
                module needs no variables.

                Examples:
                  detector infra terraform --rules +my-rules > detector.auto.tfvars.json

                Exit codes: 0 done, 2 wrong usage or no rule loaded, 3 a rule was refused.
                """,
                plan => InfraFiles.TerraformVariables(terminal.Out, plan)
            ),
            Files(
                terminal,
                "cloudformation",
                """
                Prints the CloudFormation template (infra/cloudformation/detector.yaml) with EventBridge rules for the loaded rules.

                Examples:
                  detector infra cloudformation > detector.yaml
                  aws cloudformation deploy --stack-name detector --template-file detector.yaml --capabilities CAPABILITY_NAMED_IAM

                Exit codes: 0 done, 2 wrong usage or no rule loaded, 3 a rule was refused.
                """,
                plan => terminal.Out.Write(InfraFiles.CloudFormation(plan, InfraFiles.Template))
            ),
            Files(
                terminal,
                "forwarder",
                """
                Prints the CloudFormation template that forwards the events of another region or account (infra/cloudformation/forwarder.yaml) for the loaded rules.

                Examples:
                  detector infra forwarder > forwarder.yaml

                Exit codes: 0 done, 2 wrong usage or no rule loaded, 3 a rule was refused.
                """,
                plan => terminal.Out.Write(InfraFiles.Forwarder(plan, InfraFiles.ForwarderTemplate))
            ),
        };

    private static Command Files(Terminal terminal, string name, string description, Action<PatternPlan> print)
    {
        var (rules, except, limit) = (CommandLine.RulesThatAreThere(), Except(), Limit());
        var command = new Command(name, description) { rules, except, limit };
        command.SetAction(parsed =>
            Startup.Tool(
                () =>
                    InfraPatternCommand.Print(
                        RulesOptions.Of(parsed.GetValue(rules) ?? []),
                        parsed.GetValue(except) ?? [],
                        parsed.GetValue(limit),
                        print,
                        terminal
                    ),
                terminal
            )
        );
        return command;
    }

    private static Command Pattern(Terminal terminal)
    {
        var rules = CommandLine.RulesThatAreThere();
        var except = Except();
        var limit = Limit();
        var estimate = new Option<string[]>("--estimate")
        {
            HelpName = "PATH",
            Description = "Counts what would have passed of trail files (what replay reads), and what a month of it costs. May be repeated.",
            DefaultValueFactory = _ => [],
        };
        estimate.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (PlaceOptions.WhatIsWrongWith(token.Value) is { } wrong)
                    result.AddError($"--estimate: {OneLine.Of(token.Value)} {wrong}.");
            }
        });
        var output = new Option<string>("--output")
        {
            HelpName = "text|json",
            Description = "How to answer: for people, or as one JSON object.",
            DefaultValueFactory = _ => "text",
        }.OneOf(["text", "json"]);
        var pattern = new Command(
            "pattern",
            """
            Prints the EventBridge patterns for the loaded rules. Every event that a rule can meet passes one of them, events included that a correlation combines or that
            history learns from; few others do. It names what is asked for whatever the call, and by which rules (leave them out with --except), calls that only read,
            data events, services whose events appear in one region, and what EventBridge does not bring at all.

            Examples:
              detector infra pattern
              detector infra pattern --rules +my-rules --estimate AWSLogs
              detector infra pattern --except access-key-old --except access-key-shared
              detector infra pattern --output json | jq -r '.patterns[] | .text'

            Exit codes: 0 done, 2 wrong usage or no rule loaded, 3 a rule was refused, or part of the archive could not be read.
            """
        )
        {
            rules,
            except,
            limit,
            estimate,
            output,
        };
        pattern.SetAction(parsed =>
            Startup.Tool(
                () =>
                    InfraPatternCommand.Run(
                        new InfraPatternSettings(
                            RulesOptions.Of(parsed.GetValue(rules) ?? []),
                            parsed.GetValue(except) ?? [],
                            parsed.GetValue(limit),
                            parsed.GetValue(estimate) ?? [],
                            parsed.GetValue(output) == "json"
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return pattern;
    }

    private static Option<string[]> Except() =>
        new("--except")
        {
            HelpName = "RULE",
            Description = "Leaves a rule's events out, by its name, id or title. May be repeated.",
            DefaultValueFactory = _ => [],
        };

    private static Option<int> Limit()
    {
        var limit = new Option<int>("--limit")
        {
            HelpName = "CHARACTERS",
            Description =
                $"Characters that a pattern may have: {EventPattern.DefaultLimit}, up to {EventPattern.HighestLimit} where AWS has raised the account's quota.",
            DefaultValueFactory = _ => EventPattern.DefaultLimit,
        };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && ValueForms.Whole(256, EventPattern.HighestLimit).Read(token.Value).Problem is not null)
                result.AddError($"--limit: from 256 to {EventPattern.HighestLimit}.");
        });
        return limit;
    }
}
