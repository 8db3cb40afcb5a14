using System.Globalization;
using System.Text;
using Detector.Adapters.Aws.Inspection;
using Detector.App.Options;
using Detector.Core.Policies;

namespace Detector.App.Doctor;

/// <summary>Looks at every part of a deployment, one after the other. What may not be looked at is told, and the rest is looked at all the same.</summary>
/// <param name="options">What the detector was told.</param>
/// <param name="aws">Asks AWS where the queue is.</param>
/// <param name="topics">Asks AWS where the topic is.</param>
/// <param name="web">Reaches what is no service of AWS, and clocks.</param>
/// <param name="rules">The rules that would run, or why they would not.</param>
/// <param name="time">The clock that is checked.</param>
internal sealed class Examination(DetectorOptions options, IAccountReader aws, IAccountReader topics, HttpClient web, RuleLoad rules, TimeProvider time)
{
    /// <summary>What the codes name by which AWS refuses a caller, whatever is asked for: InvalidClientTokenId, SignatureDoesNotMatch, RequestExpired, ...</summary>
    private static readonly string[] OfCredentials = ["Token", "Signature", "Expired", "AccessKey"];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellation)
    {
        var findings = new List<Finding>(Rules());
        findings.AddRange(LedgerCheck.Look(options.Ledger, time));
        var needsAws = options.Queue is not null || options.Sns is not null;
        if (needsAws && await CallerAsync(findings, cancellation))
        {
            if (options.Queue is { } queue)
            {
                findings.AddRange(await ClockCheck.LookAsync(queue, web, time, cancellation));
                await AddAsync(findings, "trail", () => new TrailCheck(aws, options.Deployment.Trail).LookAsync(cancellation));
                var seen = await QueueAsync(findings, queue, cancellation);
                await AddAsync(findings, "rules", () => new RuleCheck(aws, options.Deployment, rules.Rules, time).LookAsync(seen, cancellation));
            }
            if (options.Sns is { } sns)
                await AddAsync(findings, "topic", () => new TopicCheck(topics, sns.Topic, time).LookAsync(cancellation));
        }
        if (options.Slack is { } slack)
        {
            findings.AddRange(
                SlackRouteNames.Unmet(slack, rules.Rules).Select(unmet => Finding.Warning("slack", unmet, "correct slack.routes, or load the rule"))
            );
            findings.AddRange(await SlackCheck.LookAsync(slack, web, cancellation));
        }
        if (options is { Slack: null, Sns: null })
            findings.Add(Finding.Warning("alerts", "alerts go to this machine alone", "set slack.webhookFile or sns.topic"));
        return findings;
    }

    /// <summary>Runs one check; a call that was denied or failed is a finding of its own.</summary>
    public static async Task AddAsync(List<Finding> findings, string part, Func<Task<IReadOnlyList<Finding>>> look)
    {
        try
        {
            findings.AddRange(await look());
        }
        catch (AwsCallException refused)
        {
            findings.Add(Refused(part, refused));
        }
    }

    /// <summary>What it means that AWS did not answer.</summary>
    public static Finding Refused(string part, AwsCallException refused) =>
        refused.IsMissing ? Finding.Problem(part, $"is not there ({refused.Message})", "correct its name in the configuration, or deploy it again")
        : refused.IsDenied
            ? Finding.Unknown(part, $"may not be looked at: {refused.Permission} was denied", $"allow {refused.Permission}, or look at it as somebody who may")
        : Finding.Unknown(part, $"could not be looked at: {refused.Permission}: {refused.Message}", "mend what the message names, and ask again");

    private IEnumerable<Finding> Rules()
    {
        yield return rules.IsEmpty ? Finding.Problem("program", "not one rule could be loaded", "correct the setting rules")
        : rules.Refused.Count > 0
            ? Finding.Problem(
                "program",
                $"version {ProgramVersion.Text}; {rules.Refused.Count} rules are refused, first {rules.Refused[0]}",
                "detector rules check tells all of them, with the mend"
            )
        : Finding.Ok("program", $"version {ProgramVersion.Text}; {rules.Summary}");
    }

    private async Task<bool> CallerAsync(List<Finding> findings, CancellationToken cancellation)
    {
        try
        {
            findings.Add(Finding.Ok("credentials", (await aws.CallerAsync(cancellation)).Arn));
            return true;
        }
        catch (AwsCallException refused)
        {
            findings.Add(
                refused.Code == "client" || refused.IsDenied || Array.Exists(OfCredentials, word => refused.Code.Contains(word, StringComparison.Ordinal))
                    ? Finding.Problem(
                        "credentials",
                        $"AWS does not take the caller: {refused.Message}",
                        "give the program a role, a profile (AWS_PROFILE) or keys that are in force; of a signature that is too old or too new, set the clock"
                    )
                    : Finding.Unknown("credentials", $"AWS cannot be reached: {refused.Message}", "let the program reach sts, sqs, sns, events and cloudtrail")
            );
            // An emulator may have no STS: what else there is is asked all the same.
            return refused.Code is not "client";
        }
    }

    private async Task<QueueState?> QueueAsync(List<Finding> findings, QueueOptions queue, CancellationToken cancellation)
    {
        try
        {
            var state = await aws.QueueAsync(queue.Url.OriginalString, cancellation);
            await AddAsync(findings, "queue", () => new QueueCheck(aws, options.Deployment, time).LookAsync(state, cancellation));
            return state;
        }
        catch (AwsCallException refused)
        {
            findings.Add(Refused("queue", refused));
            return null;
        }
    }

    /// <summary>A number of an attribute; zero if it is none.</summary>
    public static long Number(IReadOnlyDictionary<string, string> attributes, string name) =>
        attributes.TryGetValue(name, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The policy among the attributes of a queue or a topic; an empty one if there is none.</summary>
    public static PolicyDocument Policy(IReadOnlyDictionary<string, string> attributes) =>
        PolicyDocument.Read(Encoding.UTF8.GetBytes(attributes.GetValueOrDefault("Policy", "")));
}
