using System.Text.Json;

namespace Detector.Core.Rules.Fields;

/// <summary>What a change of a trail's event selectors leaves out.</summary>
/// <remarks>CloudTrail API Reference, PutEventSelectors; CloudTrail User Guide, "Logging management events".</remarks>
internal static class TrailFields
{
    private static readonly string[] Operators = ["equals", "notEquals", "startsWith", "notStartsWith", "endsWith", "notEndsWith"];

    public static DerivedField[] All { get; } =
    [
        new(
            "detector.selectors.excluded",
            "texts",
            "What the selectors of a PutEventSelectors request leave out of the trail: management, reads, writes, or the event sources that are excluded. Absent if it "
                + "keeps every management event.",
            Excluded
        ),
    ];

    private static List<string> Excluded(EventContext e)
    {
        if (e.Source != "cloudtrail.amazonaws.com" || e.Name != "PutEventSelectors")
            return [];
        var basic = e.Request.Member("eventSelectors").Items().ToList();
        var advanced = e.Request.Member("advancedEventSelectors").Items().ToList();
        return advanced.Count > 0 ? OfAdvanced(advanced) : OfBasic(basic);
    }

    /// <summary>Selectors add to each other: what one keeps no other takes away.</summary>
    private static List<string> OfBasic(List<JsonElement> selectors)
    {
        // What a selector does not say is what AWS takes by default: management events, all of them.
        var keeping = selectors.Where(selector => selector.Flag("includeManagementEvents") != false).ToList();
        if (keeping.Count == 0)
            return ["management"];
        var kinds = keeping.Select(selector => selector.Text("readWriteType") ?? "All").ToList();
        var excluded = keeping
            .Select(selector =>
                selector
                    .Member("excludeManagementEventSources")
                    .Items()
                    .Select(source => source.Text())
                    .OfType<string>()
                    .ToHashSet(StringComparer.OrdinalIgnoreCase)
            )
            .Aggregate((all, more) => [.. all.Intersect(more, StringComparer.OrdinalIgnoreCase)]);
        return [.. Missing(kinds), .. excluded];
    }

    private static List<string> OfAdvanced(List<JsonElement> selectors)
    {
        var keeping = selectors.Select(Conditions).Where(conditions => conditions.Any(IsManagement)).ToList();
        if (keeping.Count == 0)
            return ["management"];
        // One selector without a further condition keeps everything.
        if (keeping.Exists(conditions => conditions.TrueForAll(IsManagement)))
            return [];
        var kinds = keeping.Select(conditions =>
            conditions.Find(c => c.Field == "readOnly") is not { } readOnly ? "All"
            : readOnly.Equal.Contains("true", StringComparer.OrdinalIgnoreCase) ? "ReadOnly"
            : "WriteOnly"
        );
        var sources = keeping.SelectMany(conditions => conditions.Where(c => c.Field is not ("eventCategory" or "readOnly"))).ToList();
        return [.. Missing([.. kinds]), .. sources.SelectMany(c => c.Values.Count > 0 ? c.Values : [c.Field]).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Missing(List<string> kinds)
    {
        var all = kinds.Contains("All", StringComparer.OrdinalIgnoreCase);
        if (!all && !kinds.Contains("ReadOnly", StringComparer.OrdinalIgnoreCase))
            yield return "reads";
        if (!all && !kinds.Contains("WriteOnly", StringComparer.OrdinalIgnoreCase))
            yield return "writes";
    }

    private static List<FieldCondition> Conditions(JsonElement selector) =>
        [
            .. selector
                .Member("fieldSelectors")
                .Items()
                .Select(field => new FieldCondition(
                    field.Text("field") ?? "",
                    [.. field.Member("equals").Items().Select(value => value.Text()).OfType<string>()],
                    [.. Operators.SelectMany(name => field.Member(name).Items()).Select(value => value.Text()).OfType<string>()]
                )),
        ];

    private static bool IsManagement(FieldCondition condition) =>
        condition.Field == "eventCategory" && condition.Equal.Contains("Management", StringComparer.OrdinalIgnoreCase);

    /// <param name="Field">What it asks for.</param>
    /// <param name="Equal">What it must be equal to.</param>
    /// <param name="Values">What it is compared with in any way.</param>
    private sealed record FieldCondition(string Field, IReadOnlyList<string> Equal, IReadOnlyList<string> Values);
}
