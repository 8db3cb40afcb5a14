using System.Text.Json;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace Detector.Adapters.Aws.Inspection;

/// <summary>Asks AWS, by the SDK where its packages can be had and by thin clients where not.</summary>
internal sealed class AccountReader(IAmazonSecurityTokenService sts, IAmazonSQS sqs, SnsCaller sns, JsonCaller events, JsonCaller cloudTrail) : IAccountReader
{
    /// <summary>So many rules or subscriptions are never looked through.</summary>
    private const int MostPages = 50;

    public Task<Caller> CallerAsync(CancellationToken cancellation) =>
        AskAsync(
            "sts:GetCallerIdentity",
            async () =>
                await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellation) is var caller ? new Caller(caller.Account, caller.Arn) : null!
        );

    public Task<QueueState> QueueAsync(string url, CancellationToken cancellation) =>
        AskAsync(
            "sqs:GetQueueAttributes",
            async () =>
            {
                var request = new GetQueueAttributesRequest { QueueUrl = url, AttributeNames = ["All"] };
                return new QueueState(url, (await sqs.GetQueueAttributesAsync(request, cancellation)).Attributes ?? []);
            }
        );

    public async Task<QueueState> QueueByArnAsync(string arn, CancellationToken cancellation)
    {
        var parts = arn.Split(':');
        var url = await AskAsync(
            "sqs:GetQueueUrl",
            async () =>
                (
                    await sqs.GetQueueUrlAsync(
                        new GetQueueUrlRequest { QueueName = parts[^1], QueueOwnerAWSAccountId = parts.ElementAtOrDefault(4) },
                        cancellation
                    )
                ).QueueUrl
        );
        return await QueueAsync(url, cancellation);
    }

    public Task<IReadOnlyList<RuleState>> RulesAsync(string? bus, CancellationToken cancellation) =>
        PagesAsync(
            "events:ListRules",
            events,
            "ListRules",
            json =>
            {
                if (bus is not null)
                    json.WriteString("EventBusName", bus);
            },
            "Rules",
            rule => new RuleState(Text(rule, "Name") ?? "", Text(rule, "Arn") ?? "", Text(rule, "State") ?? "", Text(rule, "EventPattern")),
            cancellation
        );

    public Task<IReadOnlyList<string>> TargetsAsync(string? bus, string rule, CancellationToken cancellation) =>
        PagesAsync(
            "events:ListTargetsByRule",
            events,
            "ListTargetsByRule",
            json =>
            {
                json.WriteString("Rule", rule);
                if (bus is not null)
                    json.WriteString("EventBusName", bus);
            },
            "Targets",
            target => Text(target, "Arn") ?? "",
            cancellation
        );

    public Task<bool> PassesAsync(string pattern, string envelope, CancellationToken cancellation) =>
        AskAsync(
            "events:TestEventPattern",
            async () =>
                Flag(
                    await events.CallAsync(
                        "TestEventPattern",
                        json =>
                        {
                            json.WriteString("EventPattern", pattern);
                            json.WriteString("Event", envelope);
                        },
                        cancellation
                    ),
                    "Result"
                )
        );

    public Task<IReadOnlyList<TrailState>> TrailsAsync(CancellationToken cancellation) =>
        AskAsync<IReadOnlyList<TrailState>>(
            "cloudtrail:DescribeTrails",
            async () =>
                [
                    .. Items(await cloudTrail.CallAsync("DescribeTrails", json => json.WriteBoolean("includeShadowTrails", true), cancellation), "trailList")
                        .Select(trail => new TrailState(
                            Text(trail, "Name") ?? "",
                            Text(trail, "TrailARN") ?? "",
                            Flag(trail, "IsMultiRegionTrail"),
                            Flag(trail, "IncludeGlobalServiceEvents"),
                            Flag(trail, "LogFileValidationEnabled"),
                            Text(trail, "KmsKeyId") is not null
                        )),
                ]
        );

    public Task<TrailStatus> TrailStatusAsync(string arn, CancellationToken cancellation) =>
        AskAsync(
            "cloudtrail:GetTrailStatus",
            async () =>
                await cloudTrail.CallAsync("GetTrailStatus", json => json.WriteString("Name", arn), cancellation) is var status
                    ? new TrailStatus(Flag(status, "IsLogging"), Text(status, "LatestDeliveryError") is { Length: > 0 } error ? error : null)
                    : null!
        );

    public Task<ManagementEvents> ManagementEventsAsync(string arn, CancellationToken cancellation) =>
        AskAsync(
            "cloudtrail:GetEventSelectors",
            async () => Selected(await cloudTrail.CallAsync("GetEventSelectors", json => json.WriteString("TrailName", arn), cancellation))
        );

    public Task<TopicState> TopicAsync(string arn, CancellationToken cancellation) =>
        AskAsync("sns:GetTopicAttributes", async () => new TopicState(Entries(await sns.CallAsync("GetTopicAttributes", cancellation, ("TopicArn", arn)))));

    public Task<IReadOnlyList<SubscriptionState>> SubscriptionsAsync(string arn, CancellationToken cancellation) =>
        AskAsync<IReadOnlyList<SubscriptionState>>(
            "sns:ListSubscriptionsByTopic",
            async () =>
            {
                var found = new List<SubscriptionState>();
                string? next = null;
                for (var page = 0; page < MostPages && (page == 0 || next is not null); page++)
                {
                    var answer = await sns.CallAsync("ListSubscriptionsByTopic", cancellation, ("TopicArn", arn), ("NextToken", next));
                    next = answer.FirstOrDefault(text => text.Path.EndsWith("/NextToken", StringComparison.Ordinal)).Text;
                    // The texts of one member follow each other.
                    var protocols = Texts(answer, "/member/Protocol");
                    found.AddRange(
                        protocols
                            .Zip(Texts(answer, "/member/SubscriptionArn"), (protocol, subscription) => (protocol, subscription))
                            // One that was deleted is listed for some days more.
                            .Where(one => one.subscription != "Deleted")
                            .Select(one => new SubscriptionState(one.protocol, one.subscription.StartsWith("arn:", StringComparison.Ordinal)))
                    );
                }
                return found;
            }
        );

    public void Dispose()
    {
        foreach (var client in (IDisposable[])[sts, sqs, sns, events, cloudTrail])
            client.Dispose();
    }

    /// <summary>Basic selectors, or advanced ones, of which each is a way in.</summary>
    private static ManagementEvents Selected(JsonElement answer)
    {
        var (reads, writes, excluded) = (false, false, new List<string>());
        foreach (var selector in Items(answer, "EventSelectors").Where(selector => Flag(selector, "IncludeManagementEvents")))
        {
            var which = Text(selector, "ReadWriteType");
            reads |= which is "All" or "ReadOnly";
            writes |= which is "All" or "WriteOnly";
            excluded.AddRange(Items(selector, "ExcludeManagementEventSources").Select(source => source.GetString() ?? ""));
        }
        foreach (var selector in Items(answer, "AdvancedEventSelectors"))
        {
            var fields = Items(selector, "FieldSelectors").ToLookup(field => Text(field, "Field"), StringComparer.Ordinal);
            if (!fields["eventCategory"].SelectMany(field => Items(field, "Equals")).Any(value => value.GetString() == "Management"))
                continue;
            var readOnly = fields["readOnly"].SelectMany(field => Items(field, "Equals")).Select(value => value.GetString()).ToList();
            reads |= readOnly is [] || readOnly.Contains("true", StringComparer.Ordinal);
            writes |= readOnly is [] || readOnly.Contains("false", StringComparer.Ordinal);
            excluded.AddRange(fields["eventSource"].SelectMany(field => Items(field, "NotEquals")).Select(source => source.GetString() ?? ""));
        }
        return new ManagementEvents(reads, writes, excluded);
    }

    private static async Task<IReadOnlyList<T>> PagesAsync<T>(
        string permission,
        JsonCaller caller,
        string operation,
        Action<Utf8JsonWriter> inside,
        string list,
        Func<JsonElement, T> read,
        CancellationToken cancellation
    )
    {
        var found = new List<T>();
        string? next = null;
        for (var page = 0; page < MostPages && (page == 0 || next is not null); page++)
        {
            var token = next;
            var answer = await AskAsync(
                permission,
                () =>
                    caller.CallAsync(
                        operation,
                        json =>
                        {
                            inside(json);
                            if (token is not null)
                                json.WriteString("NextToken", token);
                        },
                        cancellation
                    )
            );
            found.AddRange(Items(answer, list).Select(read));
            next = Text(answer, "NextToken");
        }
        return found;
    }

    private static async Task<T> AskAsync<T>(string permission, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (OperationCanceledException)
        {
            throw;
        }
#pragma warning disable CA1031 // The contract: one exception, whatever went wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var fault = AwsFault.Of(exception);
            throw new AwsCallException(permission, fault.Code, fault.Text);
        }
    }

    private static Dictionary<string, string> Entries(IReadOnlyList<(string Path, string Text)> answer) =>
        Texts(answer, "/entry/key").Zip(Texts(answer, "/entry/value")).ToDictionary(entry => entry.First, entry => entry.Second, StringComparer.Ordinal);

    private static IEnumerable<string> Texts(IReadOnlyList<(string Path, string Text)> answer, string end) =>
        answer.Where(text => text.Path.EndsWith(end, StringComparison.Ordinal)).Select(text => text.Text);

    private static List<JsonElement> Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray()]
            : [];

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
