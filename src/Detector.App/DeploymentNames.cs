using Detector.App.Options;

namespace Detector.App;

/// <summary>
/// What the detector's own parts are called, for rules that watch over them: values of placeholders (<c>|expand: '%deployment_rule%'</c>). What was not told is known by
/// its name, which then has to contain "detector".
/// </summary>
internal static class DeploymentNames
{
    private static readonly string[] ByName = ["*detector*"];

    /// <param name="options">What the detector was told; null where there is no configuration.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Placeholders(DetectorOptions? options)
    {
        var parts = options?.Deployment ?? new DeploymentOptions();
        // https://sqs.eu-west-1.amazonaws.com/111122223333/detector-events
        var queue = options?.Queue?.Url.Segments is [_, var account, var name]
            ? (Account: account.TrimEnd('/'), Name: name)
            : default((string Account, string Name)?);
        return new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["deployment_rule"] = Some(parts.Rules),
            ["deployment_bus"] = Some(List(parts.Bus)),
            ["deployment_queue"] = Some([
                .. List(queue is { } own ? $"*/{own.Account}/{own.Name}" : null),
                .. List(queue is not null && parts.DeadLetters is { } dead ? $"*/{dead}" : null),
            ]),
            ["deployment_target"] = Some([
                .. List(queue is { } target ? $"arn:*:sqs:*:{target.Account}:{target.Name}" : null),
                .. List(queue is not null && parts.Bus is { } bus ? $"arn:*:events:*:event-bus/{bus}" : null),
            ]),
            ["deployment_topic"] = Some(List(options?.Sns?.Topic)),
            ["deployment_role"] = Some(parts.Roles),
            ["deployment_key"] = Some([
                .. List(parts.Key),
                .. List(parts.Key is { } key ? $"*/{key[(key.LastIndexOf('/') + 1)..]}" : null),
                .. List(IdOf(parts.Key)),
            ]),
            ["deployment_cluster"] = Some(NameOrArn(parts.Service?.Split('/')[0])),
            ["deployment_service"] = Some(NameOrArn(parts.Service?.Split('/')[^1])),
            ["deployment_file_system"] = Some(NameOrArn(parts.FileSystem)),
            // Snapshots that MemoryDB makes by itself are called automatic.CLUSTER-TIME.
            ["deployment_ledger_cluster"] = Some(parts.LedgerCluster is { } cluster ? [cluster, $"automatic.{cluster}-*"] : []),
            ["deployment_log_group"] = Some(List(parts.LogGroup)),
            ["deployment_alarm"] = Some(parts.Alarms),
        };
    }

    private static IReadOnlyList<string> Some(IReadOnlyList<string> names) => names.Count > 0 ? names : ByName;

    private static string[] List(string? one) => one is null ? [] : [one];

    private static string[] NameOrArn(string? name) => name is null ? [] : [name, $"*/{name}"];

    private static string? IdOf(string? arn) => arn?.Contains('/', StringComparison.Ordinal) == true ? arn[(arn.LastIndexOf('/') + 1)..] : null;
}
