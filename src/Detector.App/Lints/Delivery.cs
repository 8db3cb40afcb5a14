using Detector.App.AwsFacts;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Finds rules whose events reach nobody unless the account is set up for them.</summary>
internal static class Delivery
{
    public static IEnumerable<Finding> Find(LintSubject subject)
    {
        var calls = NamedCalls.Of(subject.Rule.Condition);
        if (calls.Data.Count > 0)
            yield return Note(
                LintCatalogue.DataEvents,
                calls.Data,
                "data event",
                "have the trail record the data events of the resources that matter: EventBridge passes on only what a trail records"
            );
        if (calls.Read.Count > 0)
            yield return Note(
                LintCatalogue.ReadOnly,
                calls.Read,
                "read-only call",
                "deploy the EventBridge rule in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
            );
        var regions = Implied.Values(subject.Rule.Condition, "awsRegion");
        var sources = calls.Sources;
        if (regions is { Count: > 0 } && sources.Count > 0 && sources.All(GlobalServices.Sources.Contains) && !regions.Any(GlobalServices.HomeRegions.Contains))
            yield return subject.OfRule(
                LintCatalogue.Region,
                LintLevel.Warning,
                $"{string.Join(", ", sources)} writes its events in us-east-1, and the rule asks for {string.Join(", ", regions)}",
                "leave awsRegion out"
            ) with
            {
                Place = subject.Text.PlaceOf("awsRegion"),
            };

        Finding Note(Lint kind, IReadOnlyList<string> some, string what, string mend) =>
            subject.OfRule(
                kind,
                LintLevel.Note,
                $"{Named(some)} {(some.Count == 1 ? $"is a {what}" : $"are {what}s")}: "
                    + (
                        some.Count == calls.Names!.Count
                            ? "where they are not delivered, the rule never fires"
                            : "where they are not delivered, this part of the rule never holds"
                    ),
                mend
            ) with
            {
                Place = subject.Text.PlaceOf("eventName", new FieldTest.Text(TextPattern.Exactly(some[0]))),
            };
    }

    private static string Named(IReadOnlyList<string> names) => string.Join(", ", names.Take(5)) + (names.Count > 5 ? $" and {names.Count - 5} more" : "");
}
