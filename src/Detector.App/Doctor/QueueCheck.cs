using System.Globalization;
using System.Text.Json;
using Detector.Adapters.Aws.Inspection;
using Detector.App.Options;
using Detector.Core.Policies;

namespace Detector.App.Doctor;

/// <summary>Whether the queue keeps what it gets, takes it from nobody else, and is worked off.</summary>
internal sealed class QueueCheck(IAccountReader aws, DeploymentOptions deployment, TimeProvider time)
{
    private const string EventBridge = "events.amazonaws.com";
    private const string Sending = "sqs:sendmessage";
    private const long Many = 10_000;

    private static readonly string[] OfTheQueue = [Sending, "sqs:receivemessage", "sqs:deletemessage", "sqs:purgequeue", "sqs:setqueueattributes"];

    public async Task<IReadOnlyList<Finding>> LookAsync(QueueState queue, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var waiting = Examination.Number(queue.Attributes, "ApproximateNumberOfMessages");
        var told = string.Create(CultureInfo.InvariantCulture, $"{queue.Attributes.GetValueOrDefault("QueueArn", queue.Url)}, {waiting:#,0} messages wait");
        findings.Add(
            waiting > Many
                ? Finding.Warning(
                    "queue",
                    told,
                    "see in its log whether the detector runs, and what holds it up; several share the work if ledger.redis is set (docs/operating.md)"
                )
                : Finding.Ok("queue", told)
        );
        findings.AddRange(Policy(queue));
        if (!IsEncrypted(queue))
            findings.Add(
                Finding.Warning(
                    "queue",
                    "is not encrypted at rest",
                    $"aws sqs set-queue-attributes --queue-url {queue.Url} --attributes SqsManagedSseEnabled=true"
                )
            );
        if (queue.Attributes.GetValueOrDefault("KmsMasterKeyId") is { } key && key.EndsWith("alias/aws/sqs", StringComparison.Ordinal))
            findings.Add(
                Finding.Problem(
                    "queue",
                    "is encrypted with the key alias/aws/sqs, which EventBridge may not use: no event comes",
                    $"aws sqs set-queue-attributes --queue-url {queue.Url} --attributes SqsManagedSseEnabled=true, or a key of your own whose policy lets {EventBridge} in"
                )
            );
        if (Examination.Number(queue.Attributes, "MessageRetentionPeriod") is > 0 and < 345_600)
            findings.Add(
                Finding.Warning(
                    "queue",
                    "forgets messages after less than four days",
                    $"aws sqs set-queue-attributes --queue-url {queue.Url} --attributes MessageRetentionPeriod=1209600: a long weekend's outage must lose nothing"
                )
            );
        await Examination.AddAsync(findings, "dead letters", () => DeadLettersAsync(queue, cancellation));
        return findings;
    }

    private async Task<IReadOnlyList<Finding>> DeadLettersAsync(QueueState queue, CancellationToken cancellation)
    {
        var (arn, times) = Redrive(queue);
        if (arn is null)
            return
            [
                Finding.Problem(
                    "dead letters",
                    "the queue has no dead-letter queue: a message that cannot be judged comes for ever, then is gone",
                    Redriven(queue)
                ),
            ];
        var name = arn.Split(':')[^1];
        if (deployment.DeadLetters is { } expected && expected != name)
            return [Finding.Problem("dead letters", $"go to {name}, not to {expected}", "put the queue's RedrivePolicy right, and ask who changed it")];
        QueueState dead;
        try
        {
            dead = await aws.QueueByArnAsync(arn, cancellation);
        }
        catch (AwsCallException refused) when (refused.IsMissing)
        {
            return
            [
                Finding.Problem(
                    "dead letters",
                    $"there is no queue {name}, to which they should go: a message that cannot be judged comes for ever, then is gone",
                    $"aws sqs create-queue --queue-name {name} --attributes MessageRetentionPeriod=1209600"
                ),
            ];
        }
        var count = Examination.Number(dead.Attributes, "ApproximateNumberOfMessages");
        return
        [
            count == 0
                ? Finding.Ok("dead letters", $"{name} is empty")
                : Finding.Problem(
                    "dead letters",
                    string.Create(CultureInfo.InvariantCulture, $"{name} holds messages that were received {times} times and not settled: {count:#,0}"),
                    $"mend the cause, which the log and the ledger's table rejected name, then aws sqs start-message-move-task --source-arn {arn}"
                ),
        ];
    }

    private static string Redriven(QueueState queue)
    {
        var arn = queue.Attributes.GetValueOrDefault("QueueArn", "");
        var redrive = $$$"""{"RedrivePolicy":"{\"deadLetterTargetArn\":\"{{{arn}}}-dead\",\"maxReceiveCount\":\"5\"}"}""";
        return $"aws sqs create-queue --queue-name {arn.Split(':')[^1]}-dead --attributes MessageRetentionPeriod=1209600 && "
            + $"aws sqs set-queue-attributes --queue-url {queue.Url} --attributes '{redrive}'";
    }

    /// <summary>Who may send: EventBridge for named rules, and nobody else. Nobody else may take events away either.</summary>
    private IEnumerable<Finding> Policy(QueueState queue)
    {
        var arn = queue.Attributes.GetValueOrDefault("QueueArn", "");
        var policy = Examination.Policy(queue.Attributes);
        if (policy.Fault is not (PolicyFault.None or PolicyFault.Empty))
            yield return Finding.Unknown("queue policy", $"cannot be read ({policy.Fault})", "aws sqs get-queue-attributes --attribute-names Policy shows it");
        var senders = Trust.OfResource(policy, time.GetUtcNow(), Sending).Principals;
        if (!senders.Any(sender => sender.Principal is { Kind: PrincipalKind.Service, Text: EventBridge }))
            yield return Finding.Problem("queue policy", "does not let EventBridge send: no event comes", $"add to it {Statement(arn, RulesOf(arn))}");
        foreach (var sender in senders.Where(sender => sender.Principal.Kind == PrincipalKind.Service && !sender.NamesSource))
            yield return Finding.Problem(
                "queue policy",
                $"lets {OneLine.Of(sender.Principal.Text)} send for any account: anybody can forge events",
                sender.Principal.Text == EventBridge
                    ? $"replace the statement by {Statement(arn, RulesOf(arn))}"
                    : "add a condition on aws:SourceArn or aws:SourceAccount"
            );
        foreach (var action in OfTheQueue.Where(action => Trust.OfResource(policy, time.GetUtcNow(), action).LetsEverybodyIn).Take(1))
            yield return Finding.Problem(
                "queue policy",
                $"lets everybody do {action}: anybody can {(action == Sending ? "forge events" : "take events away")}",
                "remove the statement that has \"*\" as its principal"
            );
    }

    /// <summary>The ARNs of the deployment's rules, each of which may be on either bus.</summary>
    private IEnumerable<string> RulesOf(string queue)
    {
        var names = deployment.Rules.Count > 0 ? deployment.Rules : ["NAME-OF-THE-RULE"];
        var forwarded = deployment.Bus is { } bus ? names.Select(name => $"{bus}/{name}") : [];
        return queue.Split(':') is [_, var partition, _, var region, var account, _]
            ? names.Concat(forwarded).Select(name => $"arn:{partition}:events:{region}:{account}:rule/{name}")
            : [];
    }

    /// <summary>What is to stand in a queue's policy for rules.</summary>
    public static string Statement(string queue, params IEnumerable<string> rules) =>
        $$$$"""{"Effect":"Allow","Principal":{"Service":"{{{{EventBridge}}}}"},"Action":"sqs:SendMessage","Resource":"{{{{queue}}}}","Condition":{"ArnLike":{"aws:SourceArn":[{{{{string.Join(',', rules.Select(rule => $"\"{rule}\""))}}}}]}}}""";

    /// <summary>Whether EventBridge may send to the queue for a rule.</summary>
    public static bool Admits(QueueState queue, string rule, DateTimeOffset now) =>
        Trust.Admits(Examination.Policy(queue.Attributes), now, EventBridge, Sending, rule);

    private static (string? Arn, string Times) Redrive(QueueState queue)
    {
        if (!queue.Attributes.TryGetValue("RedrivePolicy", out var policy))
            return default;
        try
        {
            using var json = JsonDocument.Parse(policy);
            var times = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("maxReceiveCount", out var most) ? $"{most}" : "";
            return (Text(json.RootElement, "deadLetterTargetArn"), OneLine.Of(times));
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static bool IsEncrypted(QueueState queue) =>
        queue.Attributes.ContainsKey("KmsMasterKeyId") || queue.Attributes.GetValueOrDefault("SqsManagedSseEnabled") == "true";

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
