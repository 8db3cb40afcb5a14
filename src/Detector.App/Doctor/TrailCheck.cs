using Detector.Adapters.Aws.Inspection;

namespace Detector.App.Doctor;

/// <summary>Whether a trail records what the rules need: EventBridge passes on only what some trail of the account records.</summary>
internal sealed class TrailCheck(IAccountReader aws, string? name)
{
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var trails = await aws.TrailsAsync(cancellation);
        var chosen = trails.Where(trail => name is null || trail.Name == name || trail.Arn == name).ToList();
        if (chosen.Count == 0)
            return
            [
                Finding.Problem(
                    "trail",
                    name is null ? "the account has no trail: no event comes" : $"there is no trail {name}",
                    name is null
                        ? "aws cloudtrail create-trail --is-multi-region-trail --enable-log-file-validation ..., then start-logging"
                        : "correct deployment.trail, or make the trail again"
                ),
            ];
        var looks = new List<(TrailState Trail, List<Finding> Findings)>();
        foreach (var trail in chosen)
        {
            var findings = new List<Finding>();
            await Examination.AddAsync(findings, "trail", () => LookAsync(trail, cancellation));
            looks.Add((trail, findings));
        }
        // One that is whole suffices; of none, all that is wrong with each is told.
        var whole = looks.Find(look => look.Findings.TrueForAll(finding => finding.State is FindingState.Ok or FindingState.Warning));
        return whole.Findings ?? [.. looks.SelectMany(look => look.Findings)];
    }

    private async Task<IReadOnlyList<Finding>> LookAsync(TrailState trail, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var status = await aws.TrailStatusAsync(trail.Arn, cancellation);
        if (!status.IsLogging)
            findings.Add(Problem("does not record", $"aws cloudtrail start-logging --name {trail.Name}, and ask who stopped it"));
        if (status.DeliveryError is { } error)
            findings.Add(Problem($"cannot deliver its files: {error}", "mend the bucket's policy or the key's"));
        if (!trail.IsMultiRegion)
            findings.Add(Problem("records one region alone", $"aws cloudtrail update-trail --name {trail.Name} --is-multi-region-trail"));
        if (!trail.HasGlobalEvents)
            findings.Add(
                Problem("leaves global events (IAM, sign-in) out", $"aws cloudtrail update-trail --name {trail.Name} --include-global-service-events")
            );
        var events = await aws.ManagementEventsAsync(trail.Arn, cancellation);
        if (!events.Writes)
            findings.Add(Problem("records no management events that write", "record all management events: aws cloudtrail put-event-selectors"));
        if (!events.Reads)
            findings.Add(
                Problem("records no management events that read", "record all management events: aws cloudtrail put-event-selectors (ReadWriteType All)")
            );
        if (events.ExcludedSources.Count > 0)
            findings.Add(
                Finding.Warning(
                    "trail",
                    $"{trail.Name} leaves out {string.Join(", ", events.ExcludedSources)}",
                    "leave nothing out, or know that rules about it stay silent"
                )
            );
        if (!trail.Validates)
            findings.Add(
                Finding.Warning(
                    "trail",
                    $"{trail.Name} has no log file validation",
                    $"aws cloudtrail update-trail --name {trail.Name} --enable-log-file-validation"
                )
            );
        return findings.Exists(finding => finding.State == FindingState.Problem)
            ? findings
            : [Finding.Ok("trail", $"{trail.Name} records all management events of all regions"), .. findings];

        Finding Problem(string what, string mend) => Finding.Problem("trail", $"{trail.Name} {what}", mend);
    }
}
