namespace Detector.Core.Rules.Fields;

/// <summary>Who called, how, and with what success.</summary>
internal static class CallFields
{
    public static DerivedField[] All { get; } =
    [
        DerivedField.Text(
            "detector.outcome",
            "success or attempt",
            "Whether the call did what it was made for: no errorCode and no errorMessage, or for a sign-in the answer Success.",
            e => CallOutcome.IsSuccess(e.Root) ? "success" : "attempt"
        ),
        DerivedField.Text(
            "detector.mfa",
            "yes, no or unknown",
            "Whether the caller had used MFA. A long-term key has no session, so no MFA; of a session through an identity provider it is unknown. Absent where no "
                + "credentials of an account were used.",
            e => Caller.Mfa(e.Root)
        ),
        DerivedField.Flag(
            "detector.root",
            "Whether somebody used the root user: no service on its behalf, and no session that the organisation opened for one task.",
            e => Caller.IsRoot(e.Root)
        ),
        DerivedField.Flag(
            "detector.service",
            "Whether an AWS service acted, for itself or on behalf of the caller. The console is no such service.",
            e => Caller.IsService(e.Root)
        ),
        DerivedField.Flag(
            "detector.federated",
            "Whether the caller's session came through an identity provider: Identity Center, SAML or OIDC.",
            e => Caller.IsFederated(e.Identity)
        ),
        DerivedField.Text(
            "detector.actor",
            "text",
            "Who acted: the ARN of the caller, or the best name for it that the record holds.",
            e => Caller.Actor(e.Root)
        ),
        DerivedField.Text(
            "detector.program",
            "text",
            "The program that called, as the user agent names it, without version and details: aws-cli, boto3, terraform. The caller may choose it freely.",
            e => Caller.Program(e.Root)
        ),
        DerivedField.Flag(
            "detector.self",
            "Whether the user that the request names is the caller: the same name, or none. Absent where requests of this kind name no user.",
            Targets.IsSelf
        ),
        DerivedField.Flag(
            "detector.late",
            "Whether CloudTrail says that it delivered the event late, or amends an earlier one (addendum).",
            e => e.Root.Member("addendum").ValueKind == System.Text.Json.JsonValueKind.Object
        ),
    ];
}
