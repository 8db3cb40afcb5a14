namespace Detector.Core.Rules.Fields;

/// <summary>What derived fields are worked out of: fields of the record, for explanations and for tests of rules. What history tells comes on top.</summary>
public static class DerivedInputs
{
    private static readonly string[] Federation =
    [
        "userIdentity.type",
        "userIdentity.sessionContext.sessionIssuer.arn",
        "userIdentity.sessionContext.webIdFederationData.federatedProvider",
    ];

    private static readonly string[] Service = ["userIdentity.type", "userIdentity.invokedBy", "eventType"];

    /// <summary>By the field's name, or by the beginning that a family of them shares.</summary>
    private static readonly (string Begins, string[] Inputs)[] All =
    [
        ("detector.outcome", ["errorCode", "errorMessage", "responseElements"]),
        (
            "detector.mfa",
            [
                "userIdentity.sessionContext.attributes.mfaAuthenticated",
                "additionalEventData.MFAUsed",
                "additionalEventData.SamlProviderArn",
                "userIdentity.accessKeyId",
                .. Federation,
            ]
        ),
        ("detector.root", [.. Service, "userIdentity.sessionContext.assumedRoot"]),
        ("detector.service", Service),
        ("detector.federated", Federation),
        ("detector.actor", ["userIdentity.arn", "userIdentity.userName", "userIdentity.principalId", "userIdentity.invokedBy", "userIdentity.accountId"]),
        ("detector.program", ["userAgent"]),
        ("detector.self", ["requestParameters.userName", "userIdentity.userName", "userIdentity.arn", "userIdentity.type"]),
        ("detector.late", ["addendum"]),
        (
            "detector.history.",
            ["requestParameters", "responseElements", "recipientAccountId", "awsRegion", "userIdentity.accessKeyId", "userIdentity.userName"]
        ),
        ("detector.", ["requestParameters", "responseElements", "recipientAccountId"]),
    ];

    /// <summary>The fields of the record that a field is worked out of, maps among them; none if it is not derived.</summary>
    public static IReadOnlyList<string> Of(string field) =>
        DerivedFields.IsReserved(field) ? All.First(entry => field.StartsWith(entry.Begins, StringComparison.Ordinal)).Inputs : [];
}
