using Detector.App.AwsFacts;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Finds tests that meet some records of what they look for, and miss others that CloudTrail writes otherwise.</summary>
internal static class Shapes
{
    /// <summary>Services whose request parameters all begin with a small letter in CloudTrail, as their own guides show.</summary>
    private static readonly string[] SmallLetters =
    [
        "iam.amazonaws.com",
        "sts.amazonaws.com",
        "kms.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "lambda.amazonaws.com",
        "secretsmanager.amazonaws.com",
        "rds.amazonaws.com",
    ];

    /// <summary>Lambda operations that have carried a version since 2015; newer ones carry none.</summary>
    private static readonly string[] Versioned =
    [
        "AddPermission",
        "CreateAlias",
        "CreateEventSourceMapping",
        "CreateFunction",
        "DeleteAlias",
        "DeleteEventSourceMapping",
        "DeleteFunction",
        "GetFunction",
        "GetFunctionConfiguration",
        "GetPolicy",
        "ListFunctions",
        "ListVersionsByFunction",
        "PublishVersion",
        "RemovePermission",
        "UpdateAlias",
        "UpdateEventSourceMapping",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
    ];

    public static IEnumerable<Finding> Find(LintSubject subject) =>
        subject
            .Leaves.Select(leaf => Version(subject, leaf) ?? Dated(subject, leaf) ?? Attribute(subject, leaf) ?? Letter(subject, leaf))
            .OfType<Finding>()
            .Concat(Mfa(subject));

    private static Finding? Version(LintSubject subject, Leaf leaf) =>
        leaf is { Path: "eventName", Literal: { } name }
        && OnlyOf(leaf, "lambda.amazonaws.com")
        && Versioned.Contains(name, StringComparer.OrdinalIgnoreCase)
        && !subject.Leaves.Any(other =>
            other.Literal is { } longer && longer.Length > name.Length && longer.StartsWith(name + "20", StringComparison.OrdinalIgnoreCase)
        )
            ? subject.At(
                leaf,
                LintCatalogue.VersionedEvent,
                LintLevel.Warning,
                $"Lambda's '{name}' comes with a version behind it, such as {name}20150331 or {name}20150331v2",
                $"ask for eventName|startswith: {name}20, or name each"
            )
            : null;

    /// <summary>CloudFront's own records are seen with the date of its API behind the name, and without.</summary>
    private static Finding? Dated(LintSubject subject, Leaf leaf) =>
        leaf is { Path: "eventName", Negated: false, Literal: { } name }
        && OnlyOf(leaf, "cloudfront.amazonaws.com")
        && Operations.Find("cloudfront.amazonaws.com")!.Has(name)
        && Operations.WithoutVersion(name) == name
        && !subject.Leaves.Any(other => other.Literal is { } longer && longer != name && Operations.WithoutVersion(longer) == name)
            ? subject.At(
                leaf,
                LintCatalogue.VersionedEvent,
                LintLevel.Note,
                $"CloudFront's '{name}' may come with the date of its API behind it, such as {name}2020_05_31",
                $"ask for eventName|startswith: {name}"
            )
            : null;

    private static Finding? Attribute(LintSubject subject, Leaf leaf) =>
        leaf is { Path: "requestParameters.attribute", Literal: { } attribute }
        && leaf.Names is { } names
        && names.Contains("ModifyInstanceAttribute")
        && !subject.Leaves.Any(other => other.Path.StartsWith($"requestParameters.{attribute}", StringComparison.Ordinal))
            ? subject.At(
                leaf,
                LintCatalogue.OtherShape,
                LintLevel.Warning,
                $"a ModifyInstanceAttribute request that gives {attribute} by its own parameter has requestParameters.{attribute} and no attribute",
                $"ask for requestParameters.{attribute}|exists: true as well"
            )
            : null;

    private static Finding? Letter(LintSubject subject, Leaf leaf) =>
        leaf.Path.Split('.') is ["requestParameters", [>= 'A' and <= 'Z', ..] name, ..] && SmallLetters.Any(source => OnlyOf(leaf, source))
            ? subject.At(
                leaf,
                LintCatalogue.ParameterCase,
                LintLevel.Warning,
                $"{string.Join(", ", leaf.Sources!)} writes request parameters with a small first letter, and case matters in the names of fields",
                $"ask for requestParameters.{char.ToLowerInvariant(name[0])}{name[1..]}"
            )
            : null;

    private static IEnumerable<Finding> Mfa(LintSubject subject)
    {
        const string attribute = "userIdentity.sessionContext.attributes.mfaAuthenticated";
        var absent = subject.Leaves.Any(leaf =>
            leaf.Path is attribute or "userIdentity.sessionContext.attributes" or "userIdentity.sessionContext" or "detector.mfa"
            && (leaf.Test is FieldTest.IsNull or FieldTest.Exists || leaf.Path == "detector.mfa" || leaf is { Negated: true, Literal: "true" })
        );
        foreach (var leaf in subject.Leaves.Where(leaf => leaf is { Path: attribute, Negated: false } && Is(leaf.Literal, "false") && !absent))
            yield return subject.At(
                leaf,
                LintCatalogue.MfaAbsent,
                LintLevel.Warning,
                "callers with a long-term key have no session, so mfaAuthenticated is absent, not 'false'",
                "ask for detector.mfa: 'no'"
            );
        var typed = subject.Leaves.Any(leaf => leaf.Path is "userIdentity.type" or "detector.federated" or "detector.mfa");
        foreach (var leaf in subject.Leaves.Where(leaf => leaf is { Path: "additionalEventData.MFAUsed", Negated: false } && Is(leaf.Literal, "No") && !typed))
            yield return subject.At(
                leaf,
                LintCatalogue.MfaFederated,
                LintLevel.Warning,
                "a sign-in through an identity provider has MFAUsed 'No' whatever the provider asked for",
                "ask for detector.mfa: 'no', or for userIdentity.type IAMUser and Root"
            );
    }

    private static bool OnlyOf(Leaf leaf, string source) => leaf.Sources is { Count: 1 } sources && sources.Contains(source);

    private static bool Is(string? text, string word) => word.Equals(text, StringComparison.OrdinalIgnoreCase);
}
