using Detector.App.Lints.Facts;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Finds rules whose events reach nobody unless the account is set up for them.</summary>
internal static class Delivery
{
    /// <summary>Services whose events of the whole account appear in one region of each partition.</summary>
    private static readonly string[] Global = ["iam.amazonaws.com", "organizations.amazonaws.com", "cloudfront.amazonaws.com", "route53.amazonaws.com"];

    private static readonly string[] HomeRegions = ["us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"];

    public static IEnumerable<Finding> Find(LintSubject subject)
    {
        var names = Implied.Values(subject.Rule.Condition, "eventName")?.ToList();
        var sources = Implied.Values(subject.Rule.Condition, "eventSource");
        var data = names?.Where(name => sources?.Select(Operations.Find).Any(source => source?.IsData(name) == true) == true).ToList() ?? [];
        var read = names?.Except(data, StringComparer.OrdinalIgnoreCase).Where(Operations.IsReadOnly).ToList() ?? [];
        if (data.Count > 0)
            yield return Note(
                LintCatalogue.DataEvents,
                names!,
                data,
                "data event",
                "have the trail record the data events of the resources that matter: EventBridge passes on only what a trail records"
            );
        if (read.Count > 0)
            yield return Note(
                LintCatalogue.ReadOnly,
                names!,
                read,
                "read-only call",
                "deploy the EventBridge rule in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
            );
        var regions = Implied.Values(subject.Rule.Condition, "awsRegion");
        if (regions is { Count: > 0 } && sources is { Count: > 0 } && sources.All(Global.Contains) && !regions.Any(HomeRegions.Contains))
            yield return subject.OfRule(
                LintCatalogue.Region,
                LintLevel.Warning,
                $"{string.Join(", ", sources)} writes its events in us-east-1, and the rule asks for {string.Join(", ", regions)}",
                "leave awsRegion out"
            ) with
            {
                Place = subject.Text.PlaceOf("awsRegion"),
            };

        Finding Note(Lint kind, List<string> all, List<string> some, string what, string mend) =>
            subject.OfRule(
                kind,
                LintLevel.Note,
                $"{Named(some)} {(some.Count == 1 ? $"is a {what}" : $"are {what}s")}: "
                    + (
                        some.Count == all.Count
                            ? "where they are not delivered, the rule never fires"
                            : "where they are not delivered, this part of the rule never holds"
                    ),
                mend
            ) with
            {
                Place = subject.Text.PlaceOf("eventName", new FieldTest.Text(TextPattern.Exactly(some[0]))),
            };
    }

    private static string Named(List<string> names) => string.Join(", ", names.Take(5)) + (names.Count > 5 ? $" and {names.Count - 5} more" : "");
}
