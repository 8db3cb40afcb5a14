using System.Text.Json;
using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>What a change of a KMS key's policy allows.</summary>
/// <remarks>KMS API Reference, PutKeyPolicy; CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail".</remarks>
internal static class KeyPolicyFields
{
    public static DerivedField[] All { get; } =
    [
        DerivedField.Flag(
            "detector.key.cloudTrailEncrypts",
            "Whether the policy of a PutKeyPolicy request lets CloudTrail encrypt with the key.",
            e =>
                e is { Source: "kms.amazonaws.com", Name: "PutKeyPolicy" } && e.Request.Member("policy") is { ValueKind: not JsonValueKind.Undefined } document
                    ? LetsCloudTrailIn(Trust.OfResource(KnownDocuments.Read(document), e.Time ?? DateTimeOffset.UnixEpoch, "kms:generatedatakey"))
                    : null
        ),
    ];

    /// <summary>Whether CloudTrail is one of those whom a resource's policy lets in.</summary>
    public static bool LetsCloudTrailIn(Trust trust) =>
        trust.Principals.Any(trusted => trusted.Principal is { Kind: PrincipalKind.Service, Text: "cloudtrail.amazonaws.com" });
}
