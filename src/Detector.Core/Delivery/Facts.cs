using System.Text.Json;

namespace Detector.Core.Delivery;

/// <summary>Reads from a matched record what people ask first. Absent and odd fields are simply not told.</summary>
/// <param name="EventId">CloudTrail's <c>eventID</c>.</param>
/// <param name="Addendum">Whether the record says that it was delayed, or amends another (<c>addendum</c>).</param>
/// <param name="ForAlert">The rest.</param>
internal sealed record Facts(string? EventId, bool Addendum, AlertFacts ForAlert)
{
    private static readonly HashSet<string> Bulky = new(StringComparer.Ordinal)
    {
        "policyDocument",
        "assumeRolePolicyDocument",
        "publicKeyMaterial",
        "userData",
        "samlMetadataDocument",
    };

    private const int MaxTargets = 6;
    private const int MaxTarget = 120;

    public static Facts Of(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record, new JsonReaderOptions { MaxDepth = 256 });
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var identity = Find(root, "userIdentity");
        return new Facts(
            Text(root, "eventID"),
            Find(root, "addendum").ValueKind == JsonValueKind.Object,
            new AlertFacts
            {
                Actor =
                    Text(identity, "arn")
                    ?? Text(identity, "userName")
                    ?? Text(identity, "principalId")
                    ?? Text(identity, "invokedBy")
                    ?? Text(identity, "accountId"),
                ActorType = Text(identity, "type"),
                AccessKeyId = Text(identity, "accessKeyId") is { Length: > 0 } key ? key : null,
                Account = Text(root, "recipientAccountId") ?? Text(identity, "accountId"),
                Region = Text(root, "awsRegion"),
                EventSource = Text(root, "eventSource"),
                EventName = Text(root, "eventName"),
                SourceAddress = Text(root, "sourceIPAddress"),
                UserAgent = Text(root, "userAgent"),
                ErrorCode = Text(root, "errorCode") ?? Text(root, "errorMessage"),
                Mfa = Mfa(root, identity),
                Targets = Targets(Find(root, "requestParameters")),
            }
        );
    }

    /// <summary>
    /// Three states: a session says "true" or "false"; a long-term key has no session, so no MFA; a session through an identity provider says "false" without
    /// knowing.
    /// </summary>
    private static string? Mfa(JsonElement root, JsonElement identity)
    {
        if (Text(Find(root, "additionalEventData"), "MFAUsed") is { } used)
        {
            return used.Equals("yes", StringComparison.OrdinalIgnoreCase) ? "yes" : "no";
        }
        var said = Text(Find(Find(identity, "sessionContext"), "attributes"), "mfaAuthenticated");
        if (said is not null)
        {
            return said.Equals("true", StringComparison.OrdinalIgnoreCase) ? "yes"
                : IsFederated(identity) ? "not recorded"
                : "no";
        }
        return Text(identity, "accessKeyId") is { } key && key.StartsWith("AKIA", StringComparison.Ordinal) ? "no" : null;
    }

    /// <summary>Whether the session came through an identity provider (Identity Center, OIDC, SAML), whose own MFA is not recorded.</summary>
    private static bool IsFederated(JsonElement identity)
    {
        var session = Find(identity, "sessionContext");
        return Text(identity, "type") is "SAMLUser" or "WebIdentityUser" or "IdentityCenterUser"
            || Text(Find(session, "webIdFederationData"), "federatedProvider") is { Length: > 0 }
            || Text(Find(session, "sessionIssuer"), "arn")?.Contains(":role/aws-reserved/sso.amazonaws.com/", StringComparison.Ordinal) == true;
    }

    private static List<string> Targets(JsonElement parameters)
    {
        var targets = new List<string>();
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            return targets;
        }
        foreach (var parameter in parameters.EnumerateObject())
        {
            // Documents and key material are for the record itself, not for a line.
            if (
                !Bulky.Contains(parameter.Name)
                && parameter.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
            )
            {
                var text = parameter.Value.ToString();
                if (text.Length <= MaxTarget && targets.Count < MaxTargets)
                {
                    targets.Add($"{parameter.Name}={text}");
                }
            }
        }
        return targets;
    }

    private static JsonElement Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
