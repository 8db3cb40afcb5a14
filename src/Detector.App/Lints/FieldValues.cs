using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.App.Lints;

/// <summary>
/// What values a field can have. Source: CloudTrail User Guide, "CloudTrail record contents", "CloudTrail userIdentity element" and "AWS Management Console
/// sign-in events".
/// </summary>
/// <param name="Words">For people, such as <c>an ARN</c>.</param>
/// <param name="Known">All of them, if they can be told.</param>
/// <param name="Shape">What each looks like, if they cannot.</param>
/// <param name="Start">How each begins.</param>
internal sealed partial record FieldValues(string Words, IReadOnlyList<string>? Known = null, Regex? Shape = null, string Start = "")
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase;
    private const int Patience = 1000; // milliseconds

    private static readonly FieldValues Arn = new("an ARN", Shape: ArnShape(), Start: "arn:");
    private static readonly FieldValues Account = new("an account's number", Shape: AccountShape());
    private static readonly FieldValues Flag = OneOf("true", "false");
    private static readonly FieldValues Name = new("a plain name", Shape: NameShape());

    private static readonly FrozenDictionary<string, FieldValues> ByPath = new Dictionary<string, FieldValues>(StringComparer.Ordinal)
    {
        ["awsRegion"] = new("a region such as us-east-1", Shape: RegionShape()),
        ["eventCategory"] = OneOf("Management", "Data", "Insight", "NetworkActivity"),
        ["eventSource"] = new("a name that ends in .amazonaws.com", Shape: SourceShape()),
        ["eventType"] = OneOf(
            "AwsApiCall",
            "AwsServiceEvent",
            "AwsConsoleAction",
            "AwsConsoleSignIn",
            "AwsVpceEvent",
            "AwsVpceEvents",
            "AwsCloudTrailInsight",
            "AwsCloudTrailEvent"
        ),
        ["managementEvent"] = Flag,
        ["readOnly"] = Flag,
        ["recipientAccountId"] = Account,
        ["additionalEventData.MFAUsed"] = OneOf("Yes", "No"),
        ["responseElements.ConsoleLogin"] = OneOf("Success", "Failure"),
        ["requestParameters.policyArn"] = Arn,
        ["requestParameters.roleArn"] = Arn,
        ["requestParameters.userName"] = Name,
        ["requestParameters.groupName"] = Name,
        ["requestParameters.policyName"] = Name,
        ["sessionCredentialFromConsole"] = Flag,
        ["userIdentity.accountId"] = Account,
        ["userIdentity.arn"] = Arn,
        ["userIdentity.sessionContext.attributes.mfaAuthenticated"] = Flag,
        ["userIdentity.sessionContext.sessionIssuer.accountId"] = Account,
        ["userIdentity.sessionContext.sessionIssuer.arn"] = Arn,
        ["userIdentity.sessionContext.sessionIssuer.type"] = OneOf("Role", "Root", "IAMUser", "User", "FederatedUser"),
        ["userIdentity.type"] = OneOf(
            "Root",
            "IAMUser",
            "AssumedRole",
            "Role",
            "FederatedUser",
            "Directory",
            "AWSAccount",
            "AWSService",
            "IdentityCenterUser",
            "SAMLUser",
            "WebIdentityUser",
            "Unknown"
        ),
        ["userIdentity.userName"] = Name,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What is known of a field's values; null if they may be anything.</summary>
    public static FieldValues? Of(string path) =>
        ByPath.GetValueOrDefault(path)
        ?? FieldTypes.Of(path) switch
        {
            "true or false" => Flag,
            "success or attempt" => OneOf("success", "attempt"),
            "yes, no or unknown" => OneOf("yes", "no", "unknown"),
            _ => null,
        };

    /// <summary>Whether some value may meet the test. What cannot be told may.</summary>
    public bool CanMeet(FieldTest test) =>
        test switch
        {
            FieldTest.Text { Pattern: var pattern } when Known is { } known => known.Any(value => pattern.CanBe(value)),
            FieldTest.Text { Pattern: { Literal: { } literal } } => Shape!.IsMatch(literal),
            FieldTest.Text { Pattern.Pieces: [{ Kind: TextPieceKind.Literal, Text: var text }, ..] } => StartsAlike(text),
            FieldTest.Number or FieldTest.Cidr or FieldTest.Time => this == Account && test is FieldTest.Number,
            _ => true,
        };

    private bool StartsAlike(string text)
    {
        var common = Math.Min(text.Length, Start.Length);
        return text.AsSpan(0, common).Equals(Start.AsSpan(0, common), StringComparison.OrdinalIgnoreCase);
    }

    private static FieldValues OneOf(params string[] known) => new($"one of {string.Join(", ", known)}", known);

    [GeneratedRegex("^arn:", Options, Patience)]
    private static partial Regex ArnShape();

    [GeneratedRegex(@"^(\d{12}|anonymous)$", Options, Patience)]
    private static partial Regex AccountShape();

    [GeneratedRegex(@"^[a-z]{2}(-[a-z]+)+-\d+$", Options, Patience)]
    private static partial Regex RegionShape();

    [GeneratedRegex(@"\.amazonaws\.com(\.cn)?$", Options, Patience)]
    private static partial Regex SourceShape();

    [GeneratedRegex("^(?!arn:aws)", Options, Patience)]
    private static partial Regex NameShape();
}
