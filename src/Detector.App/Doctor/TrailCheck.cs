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
                        ? "aws cloudtrail create-trail --name main --s3-bucket-name BUCKET --is-multi-region-trail --enable-log-file-validation && aws cloudtrail start-logging --name main, with a bucket whose policy lets CloudTrail in"
                        : "correct deployment.trail, or make the trail again"
                ),
            ];
        var looks = new List<(TrailState Trail, List<Finding> Findings)>();
        foreach (var trail in chosen)
        {
            var findings = new List<Finding>();
            await Examination.AddAsync(findings, "trail", () => StatusAsync(trail, cancellation));
            await Examination.AddAsync(findings, "trail", () => EventsAsync(trail, cancellation));
            findings.AddRange(Form(trail));
            if (findings.TrueForAll(finding => finding.State == FindingState.Warning))
                findings.Insert(0, Finding.Ok("trail", $"{trail.Name} records the management events of all regions"));
            looks.Add((trail, findings));
        }
        // One that is whole suffices; of none, all that is wrong with each is told.
        var whole = looks.Find(look => look.Findings.TrueForAll(finding => finding.State is FindingState.Ok or FindingState.Warning));
        return whole.Findings ?? [.. looks.SelectMany(look => look.Findings)];
    }

    private async Task<IReadOnlyList<Finding>> StatusAsync(TrailState trail, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var status = await aws.TrailStatusAsync(trail.Arn, cancellation);
        if (!status.IsLogging)
            findings.Add(Problem(trail, "does not record", Cli(trail, "start-logging --name", "", ", and ask who stopped it")));
        if (status.DeliveryError is { } error)
            findings.Add(Problem(trail, $"cannot deliver its files: {OneLine.Of(error)}", "mend the bucket's policy or the key's"));
        return findings;
    }

    private async Task<IReadOnlyList<Finding>> EventsAsync(TrailState trail, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var events = await aws.ManagementEventsAsync(trail.Arn, cancellation);
        var all = Cli(
            trail,
            "put-event-selectors --trail-name",
            " --event-selectors ReadWriteType=All,IncludeManagementEvents=true",
            " (it takes the place of the selectors that are there: add those for data events again)"
        );
        if (!events.Writes)
            findings.Add(Problem(trail, "records no management events that write", all));
        if (!events.Reads)
            findings.Add(Problem(trail, "records no management events that read", all));
        if (events.ExcludedSources.Count > 0)
            findings.Add(
                Finding.Warning("trail", $"{trail.Name} leaves out {OneLine.Of(string.Join(", ", events.ExcludedSources))}: rules about it stay silent", all)
            );
        return findings;
    }

    private static IEnumerable<Finding> Form(TrailState trail)
    {
        if (!trail.IsMultiRegion)
            yield return Problem(trail, "records one region alone", Cli(trail, "update-trail --name", " --is-multi-region-trail"));
        if (!trail.HasGlobalEvents)
            yield return Problem(trail, "leaves global events (IAM, sign-in) out", Cli(trail, "update-trail --name", " --include-global-service-events"));
        if (!trail.Validates)
            yield return Finding.Warning(
                "trail",
                $"{trail.Name} has no log file validation",
                Cli(trail, "update-trail --name", " --enable-log-file-validation")
            );
    }

    private static Finding Problem(TrailState trail, string what, string mend) => Finding.Problem("trail", $"{trail.Name} {what}", mend);

    /// <summary>A trail is changed where it was made, which may be another region.</summary>
    private static string Cli(TrailState trail, string verb, string options, string more = "") =>
        $"aws cloudtrail {verb} {trail.Arn}{options} --region {trail.Arn.Split(':').ElementAtOrDefault(3)}{more}";
}
