using Detector.App.AwsFacts;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Finds tests that no record can meet: a rule that asks for one never fires, and a filter that is made of them never filters.</summary>
internal static class ImpossibleTests
{
    /// <summary>Why no record meets a test, or why one that is not fully known of may not.</summary>
    private sealed record Fault(Lint Kind, string Reason, string Mend, bool IsSure = true);

    public static IEnumerable<Finding> Find(LintSubject subject)
    {
        var found = new List<(Leaf Leaf, Fault Fault)>();
        foreach (var leaf in subject.Leaves)
        {
            if (FaultOf(leaf) is not { } fault)
                continue;
            found.Add((leaf, fault));
            if (fault.IsSure)
                subject.Settle(leaf.Field, holds: leaf.Test is FieldTest.IsNull or FieldTest.Exists { Present: false });
        }
        var contradictions = Contradictions(subject, subject.Rule.Condition).ToList();
        var never = subject.Holds(subject.Rule.Condition) == false;
        foreach (var (leaf, fault) in found)
        {
            var (level, effect) = (fault.IsSure, leaf.Negated, never) switch
            {
                (false, _, _) => (LintLevel.Note, ""),
                (_, true, _) => (LintLevel.Warning, "; what it excludes, it never does"),
                (_, _, true) => (LintLevel.Error, "; the rule never fires"),
                _ => (LintLevel.Warning, "; this part of the rule never holds"),
            };
            yield return subject.At(leaf, fault.Kind, level, fault.Reason + effect, fault.Mend);
        }
        foreach (var (path, reason) in contradictions)
        {
            var finding = subject.OfRule(
                LintCatalogue.Contradiction,
                never ? LintLevel.Error : LintLevel.Warning,
                reason,
                "join the values in one list, or with or"
            );
            yield return finding with
            {
                Place = subject.Text.PlaceOf(path),
            };
        }
        // "1 of" a pattern that no search's name meets is false, as "not 1 of filter_*" without filters must be true; and some fields are never absent.
        if (never && contradictions.Count == 0 && !found.Exists(one => one.Fault.IsSure))
            yield return subject.OfRule(
                LintCatalogue.AlwaysFalse,
                LintLevel.Error,
                "no record meets the rule's condition; the rule never fires",
                "name searches as the condition asks for them, and let no field be absent that every record has"
            );
    }

    private static Fault? FaultOf(Leaf leaf)
    {
        if (RecordFields.IsUnknown(leaf.Path, out var nearest) && !leaf.Path.StartsWith("detector.", StringComparison.Ordinal))
            return new Fault(
                LintCatalogue.UnknownField,
                $"CloudTrail records have no field '{leaf.Path}'",
                nearest.Length > 0 ? $"did you mean {nearest}"
                    : leaf.Path is "status" or "outcome" or "result" ? "ask for detector.outcome: success"
                    : "take it out, or ask for a field of CloudTrail"
            );
        return leaf.Path switch
        {
            "eventName" => EventName(leaf),
            "eventSource" when leaf.Literal is { } source => EventSource(source),
            "errorCode" or "errorMessage" when leaf.Literal is "" or "None" or "null" => NoError(leaf),
            "errorCode" when Is(leaf.Literal, "Success") || Is(leaf.Literal, "OK") => NoError(leaf),
            _ => Value(leaf),
        };
    }

    private static Fault NoError(Leaf leaf) =>
        new(
            LintCatalogue.SuccessCode,
            $"a call that succeeded has no {leaf.Path}, not '{leaf.Literal}'",
            $"ask for detector.outcome: success, or {leaf.Path}: null"
        );

    private static Fault? EventName(Leaf leaf)
    {
        if (leaf.Test is not FieldTest.Text { Pattern: var pattern } || pattern.Literal is "")
            return null;
        if (leaf.Sources is not { } names)
            return pattern.Literal is not { } anywhere || Operations.With(anywhere).Any()
                ? null
                : new Fault(
                    LintCatalogue.UnknownEvent,
                    $"no event source is known to log '{anywhere}'",
                    "check its spelling, and name the eventSource",
                    IsSure: false
                );
        var sources = names.Select(Operations.Find).ToList();
        // Of a source that is not in the table nothing can be said.
        if (sources.Count == 0 || sources.Contains(null) || sources.Exists(source => Logs(source!, pattern)))
            return null;
        var shown = pattern.Literal ?? pattern.ToString();
        var elsewhere = pattern.Literal is { } name ? Operations.With(name).Select(source => source.Name).ToList() : [];
        var sure = !sources.Exists(source => source!.IsOpen);
        var nearest = Nearest(sources!, shown);
        if (elsewhere is [var other] && nearest is null)
            return new Fault(
                LintCatalogue.OtherSource,
                $"'{shown}' is logged by {other}, not by {string.Join(", ", names)}",
                $"ask for eventSource: {other}",
                sure
            );
        return new Fault(
            LintCatalogue.UnknownEvent,
            $"{string.Join(", ", names)} {(sure ? "logs no" : "is not known to log")} '{shown}'",
            nearest is not null ? $"did you mean {nearest}" : "take it out, or check its spelling",
            sure
        );
    }

    private static bool Logs(EventSource source, TextPattern pattern) =>
        pattern.Literal is { } literal ? source.Has(literal) : source.Names.Any(name => pattern.CanBe(name) || MayHaveVersion(pattern, name));

    /// <summary>A pattern may ask for the version that stands behind a name.</summary>
    private static bool MayHaveVersion(TextPattern pattern, string name) =>
        pattern.CanBe(name + "20150331")
        || pattern.CanBe(name + "20150331v2")
        || pattern.Pieces.Any(piece => piece.Text.Contains("20", StringComparison.Ordinal));

    /// <summary>
    /// The name that shares the longest end, as names of permissions differ from those of calls at the beginning: PutLifecycleConfiguration is
    /// PutBucketLifecycleConfiguration.
    /// </summary>
    private static string? Nearest(IEnumerable<EventSource> sources, string name)
    {
        var verb = name.TakeWhile((character, i) => i == 0 || char.IsLower(character)).Count();
        var words = name[verb..].Replace("Configuration", "", StringComparison.Ordinal);
        return words.Length < 4
            ? null
            : sources
                .SelectMany(source => source.Names)
                .Where(known => known.StartsWith(name[..verb], StringComparison.Ordinal) && known.Contains(words, StringComparison.OrdinalIgnoreCase))
                .OrderBy(known => known.Length)
                .ThenBy(known => known, StringComparer.Ordinal)
                .FirstOrDefault();
    }

    private static Fault? EventSource(string source) =>
        Operations.Find(source) is not null ? null
        : Operations.RightName(source) is { } right
            ? new Fault(LintCatalogue.UnknownSource, $"there is no event source '{source}'", $"CloudTrail writes {right}")
        : FieldValues.Of("eventSource")!.CanMeet(new FieldTest.Text(TextPattern.Exactly(source)))
            ? new Fault(LintCatalogue.UnknownSource, $"of the event source '{source}' nothing is known here", "check its spelling", IsSure: false)
        : new Fault(
            LintCatalogue.UnknownSource,
            $"an event source ends in .amazonaws.com, so none is '{source}'",
            Operations.Find(source + ".amazonaws.com") is { } meant ? $"did you mean {meant.Name}" : "give it the name that CloudTrail writes"
        );

    private static Fault? Value(Leaf leaf)
    {
        if (leaf.Test is FieldTest.Text text && RecordFields.IsName(text.Pattern.Literals()))
            return new Fault(
                LintCatalogue.FieldAsValue,
                $"'{text.Pattern.Literals()}' is the name of a field, and {leaf.Path} is compared with that very text",
                $"to compare two fields, write {leaf.Path}|fieldref"
            );
        if (FieldValues.Of(leaf.Path) is not { } values)
            return null;
        if (leaf.Test is FieldTest.SameAs { Anchor: TextAnchor.Whole } same)
            return FieldValues.Of(same.OtherField) is { } others && others != values
                ? new Fault(
                    LintCatalogue.DifferentKinds,
                    $"{leaf.Path} holds {values.Words} and {same.OtherField} {others.Words}, so they are never equal",
                    same.OtherField == "requestParameters.userName" ? "ask for detector.self: true" : "compare fields of one kind"
                )
                : null;
        return values.CanMeet(leaf.Test)
            ? null
            : new Fault(LintCatalogue.ImpossibleValue, $"{leaf.Path} is {values.Words}, so it never meets {Shown(leaf.Test)}", Mend(leaf, values));
    }

    private static string Mend(Leaf leaf, FieldValues values) =>
        values.Start == "arn:" && leaf.Literal is { } name
            ? $"write the whole ARN, or ask for {leaf.Path}|endswith: '/{name}'"
            : "ask for a value that CloudTrail writes";

    private static string Shown(FieldTest test) => test is FieldTest.Text text ? $"'{text.Pattern}'" : "a test of numbers, addresses or times";

    private static bool Is(string? text, string word) => word.Equals(text, StringComparison.OrdinalIgnoreCase);

    /// <summary>Fields that are asked to have two values at once, in parts of the condition that must all hold.</summary>
    private static IEnumerable<(string Path, string Reason)> Contradictions(LintSubject subject, Condition condition)
    {
        switch (condition)
        {
            case Condition.And and:
                Condition[] parts = [.. Flat(and)];
                var asking = parts
                    .SelectMany(part => Implied.Fields(part).Distinct(StringComparer.Ordinal).Select(path => (path, part)))
                    .Where(pair => IsSingle(pair.path))
                    .GroupBy(pair => pair.path, pair => pair.part, StringComparer.Ordinal);
                foreach (var same in asking.ToList())
                {
                    if (Clash([.. same], same.Key) is not { } reason)
                        continue;
                    subject.Settle(and, holds: false);
                    yield return (same.Key, reason);
                }
                foreach (var inner in parts.SelectMany(part => Contradictions(subject, part)).ToList())
                    yield return inner;
                break;
            case Condition.Or or:
                foreach (var inner in or.Parts.SelectMany(part => Contradictions(subject, part)).ToList())
                    yield return inner;
                break;
            case Condition.Not not:
                foreach (var inner in Contradictions(subject, not.Part).ToList())
                    yield return inner;
                break;
        }
    }

    private static IEnumerable<Condition> Flat(Condition condition) => condition is Condition.And and ? and.Parts.SelectMany(Flat) : [condition];

    private static string? Clash(Condition[] parts, string path)
    {
        var wanted = parts.Select(part => Implied.Values(part, path)).OfType<IReadOnlySet<string>>().Where(values => values.Count > 0).ToList();
        if (wanted.Count == 0)
            return null;
        var common = wanted.Aggregate((left, right) => left.Intersect(right, StringComparer.OrdinalIgnoreCase).ToHashSet(StringComparer.OrdinalIgnoreCase));
        if (common.Count == 0)
            return $"{path} is asked to be {string.Join(" and also ", wanted.Select(values => string.Join(" or ", values.Take(3))))}";
        var barred = parts.OfType<Condition.Not>().SelectMany(not => Exactly(not.Part, path)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return barred.IsSupersetOf(common) ? $"{path} is asked to be {string.Join(" or ", common.Take(3))}, and not to be" : null;
    }

    /// <summary>The texts that each suffice for a condition to hold.</summary>
    private static IEnumerable<string> Exactly(Condition condition, string path) =>
        condition switch
        {
            Condition.Field { Test: FieldTest.Text { Pattern: { Literal: { } literal, Cased: false } } } field when field.Path == path => [literal],
            Condition.Or or => or.Parts.SelectMany(part => Exactly(part, path)),
            _ => [],
        };

    /// <summary>Whether a field has one value at most; below requestParameters there may be lists.</summary>
    private static bool IsSingle(string path) =>
        path is "awsRegion" or "errorCode" or "recipientAccountId" or "sourceIPAddress" or "userAgent" or "responseElements.ConsoleLogin"
        || path.StartsWith("event", StringComparison.Ordinal)
        || path.StartsWith("userIdentity.", StringComparison.Ordinal)
        || Detector.Core.Rules.Fields.FieldTypes.Of(path) is { } type && !type.EndsWith('s');
}
