using System.Globalization;
using System.Text.Json;
using Detector.Adapters.Aws.Inspection;
using Detector.App.Options;

namespace Detector.App.Doctor;

/// <summary>Whether the queue keeps what it gets, takes it from nobody else, and is worked off.</summary>
internal sealed class QueueCheck(IAccountReader aws, DeploymentOptions deployment)
{
    private const long Many = 10_000;

    public async Task<IReadOnlyList<Finding>> LookAsync(QueueState queue, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var waiting = Examination.Number(queue.Attributes, "ApproximateNumberOfMessages");
        var told = string.Create(CultureInfo.InvariantCulture, $"{queue.Attributes.GetValueOrDefault("QueueArn", queue.Url)}, {waiting:#,0} messages wait");
        findings.Add(
            waiting > Many
                ? Finding.Warning("queue", told, "see whether the detector runs, and its log; several may share the work with S3 objects only")
                : Finding.Ok("queue", told)
        );
        findings.AddRange(Policy(queue));
        if (!IsEncrypted(queue))
            findings.Add(
                Finding.Warning("queue", "is not encrypted at rest", "aws sqs set-queue-attributes --queue-url ... --attributes SqsManagedSseEnabled=true")
            );
        if (Examination.Number(queue.Attributes, "MessageRetentionPeriod") is > 0 and < 345_600)
            findings.Add(
                Finding.Warning(
                    "queue",
                    "forgets messages after less than four days",
                    "set MessageRetentionPeriod to 1209600: a weekend's outage must lose nothing"
                )
            );
        await Examination.AddAsync(findings, "dead letters", () => DeadLettersAsync(queue, cancellation));
        return findings;
    }

    private async Task<IReadOnlyList<Finding>> DeadLettersAsync(QueueState queue, CancellationToken cancellation)
    {
        if (DeadLetterArn(queue) is not { } arn)
            return
            [
                Finding.Problem(
                    "dead letters",
                    "the queue has no dead-letter queue: a message that cannot be judged comes for ever, then is gone",
                    "give it a RedrivePolicy, as infra/terraform does"
                ),
            ];
        var dead = await aws.QueueByArnAsync(arn, cancellation);
        var count = Examination.Number(dead.Attributes, "ApproximateNumberOfMessages");
        var name = arn.Split(':')[^1];
        if (deployment.DeadLetters is { } expected && expected != name)
            return [Finding.Problem("dead letters", $"go to {name}, not to {expected}", "put the queue's RedrivePolicy right, and ask who changed it")];
        return
        [
            count == 0
                ? Finding.Ok("dead letters", $"{name} is empty")
                : Finding.Problem(
                    "dead letters",
                    string.Create(CultureInfo.InvariantCulture, $"{count:#,0} messages in {name} were judged five times in vain"),
                    $"look at them, mend the cause that the log names, then aws sqs start-message-move-task --source-arn {arn}"
                ),
        ];
    }

    /// <summary>Who may send: EventBridge for named rules, and nobody else.</summary>
    private static IEnumerable<Finding> Policy(QueueState queue)
    {
        var statements = Statements(queue).ToList();
        var sending = statements.Where(statement => Text(statement, "Effect") == "Allow" && Has(statement, "Action", IsSending)).ToList();
        if (!sending.Exists(IsEventBridge))
            yield return Finding.Problem(
                "queue policy",
                "does not let EventBridge send: no event comes",
                "allow events.amazonaws.com sqs:SendMessage, with aws:SourceArn of the detector's rules"
            );
        foreach (var statement in sending)
        {
            var sid = Text(statement, "Sid") is { } named ? $"statement {named}" : "a statement";
            var condition = statement.TryGetProperty("Condition", out var found) ? found.GetRawText() : "";
            if (IsEventBridge(statement) && !condition.Contains("aws:SourceA", StringComparison.OrdinalIgnoreCase))
                yield return Finding.Problem(
                    "queue policy",
                    $"{sid} lets any account's EventBridge send: anybody can forge events",
                    "add a condition ArnEquals aws:SourceArn with the detector's rules"
                );
            else if (!IsEventBridge(statement) && Has(statement, "Principal", text => text == "*") && condition.Length == 0)
                yield return Finding.Problem("queue policy", $"{sid} lets everybody send: anybody can forge events", "remove the statement");
        }
    }

    public static string? DeadLetterArn(QueueState queue)
    {
        if (!queue.Attributes.TryGetValue("RedrivePolicy", out var policy))
            return null;
        try
        {
            using var json = JsonDocument.Parse(policy);
            return Text(json.RootElement, "deadLetterTargetArn");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsEncrypted(QueueState queue) =>
        queue.Attributes.ContainsKey("KmsMasterKeyId") || queue.Attributes.GetValueOrDefault("SqsManagedSseEnabled") == "true";

    private static IEnumerable<JsonElement> Statements(QueueState queue)
    {
        if (!queue.Attributes.TryGetValue("Policy", out var policy))
            return [];
        try
        {
            using var json = JsonDocument.Parse(policy);
            return json.RootElement.TryGetProperty("Statement", out var statements)
                ?
                [
                    .. (statements.ValueKind == JsonValueKind.Array ? statements.EnumerateArray() : new[] { statements }.AsEnumerable()).Select(one =>
                        one.Clone()
                    ),
                ]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static bool IsSending(string action) => action.ToUpperInvariant() is "*" or "SQS:*" or "SQS:SENDMESSAGE" or "SQS:SEND*";

    private static bool IsEventBridge(JsonElement statement) => Has(statement, "Principal", text => text == "events.amazonaws.com");

    /// <summary>Whether a text below a member, be it alone, in a list or in a map, is meant.</summary>
    private static bool Has(JsonElement statement, string name, Func<string, bool> isMeant) =>
        statement.ValueKind == JsonValueKind.Object && statement.TryGetProperty(name, out var value) && Texts(value).Any(isMeant);

    private static IEnumerable<string> Texts(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
            JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value)),
            _ => [],
        };

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
