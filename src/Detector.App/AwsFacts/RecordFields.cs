using System.Collections.Frozen;

namespace Detector.App.AwsFacts;

/// <summary>
/// The fields of a CloudTrail record, as far as their names are settled. Source: CloudTrail User Guide, "CloudTrail record contents", "CloudTrail
/// userIdentity element" and "CloudTrail Insights event record contents".
/// </summary>
internal static class RecordFields
{
    /// <summary>What may stand below a field; fields that are not here hold whatever a service puts there.</summary>
    private static readonly FrozenDictionary<string, string[]> Below = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        [""] =
        [
            "addendum",
            "additionalEventData",
            "annotation",
            "apiVersion",
            "awsRegion",
            "edgeDeviceDetails",
            "errorCode",
            "errorMessage",
            "eventCategory",
            "eventContext",
            "eventID",
            "eventName",
            "eventSource",
            "eventTime",
            "eventType",
            "eventVersion",
            "insightDetails",
            "managementEvent",
            "readOnly",
            "recipientAccountId",
            "requestID",
            "requestParameters",
            "resources",
            "responseElements",
            "serviceEventDetails",
            "sessionCredentialFromConsole",
            "sharedEventID",
            "sourceIPAddress",
            "tlsDetails",
            "userAgent",
            "userIdentity",
            "vpcEndpointAccountId",
            "vpcEndpointId",
        ],
        ["userIdentity"] =
        [
            "accessKeyId",
            "accountId",
            "arn",
            "credentialId",
            "identityProvider",
            "inScopeOf",
            "invokedBy",
            "onBehalfOf",
            "principalId",
            "sessionContext",
            "type",
            "userName",
        ],
        ["userIdentity.sessionContext"] = ["assumedRoot", "attributes", "ec2RoleDelivery", "sessionIssuer", "sourceIdentity", "webIdFederationData"],
        ["userIdentity.sessionContext.attributes"] = ["creationDate", "mfaAuthenticated"],
        ["userIdentity.sessionContext.sessionIssuer"] = ["accountId", "arn", "principalId", "type", "userName"],
        ["tlsDetails"] = ["cipherSuite", "clientProvidedHostHeader", "keyExchange", "tlsVersion"],
        ["resources"] = ["ARN", "ARNPrefix", "accountId", "type"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The fields that every event of a call has, with a value of its own.</summary>
    private static readonly FrozenSet<string> Always = FrozenSet.Create(StringComparer.Ordinal, "eventID", "eventName", "eventSource", "eventTime");

    /// <summary>Whether no record can have the field, and which it may have in its place.</summary>
    public static bool IsUnknown(string path, out string nearest)
    {
        var parts = path.Split('.');
        for (var (i, above) = (0, ""); i < parts.Length && Below.TryGetValue(above, out var known); above = string.Join('.', parts[..++i]))
        {
            if (!known.Contains(parts[i], StringComparer.Ordinal))
            {
                nearest = Nearest(parts, i, known);
                return true;
            }
        }
        nearest = "";
        return false;
    }

    /// <summary>Whether every event of a call has the field.</summary>
    public static bool IsAlwaysThere(string path) => Always.Contains(path);

    /// <summary>Whether a text looks like the name of a field below one that services fill, such as <c>requestParameters.userName</c>.</summary>
    public static bool IsName(string text) =>
        text.Split('.') is [var first, _, ..] parts
        && (first is "requestParameters" or "responseElements" or "userIdentity" or "additionalEventData")
        && parts.All(part => part.Length > 0 && part.All(char.IsAsciiLetterOrDigit));

    private static string Nearest(string[] parts, int at, string[] known)
    {
        if (at == 0 && parts is ["detail", var inner, ..] && Below[""].Contains(inner, StringComparer.Ordinal))
            return string.Join('.', parts[1..]);
        if (known.FirstOrDefault(name => name.Equals(parts[at], StringComparison.OrdinalIgnoreCase)) is { } sameLetters)
            return string.Join('.', [.. parts[..at], sameLetters, .. parts[(at + 1)..]]);
        // The last part may be right, and stand elsewhere.
        var elsewhere = Below.FirstOrDefault(pair => pair.Key.Length > 0 && pair.Value.Contains(parts[^1], StringComparer.Ordinal));
        return at > 0 && elsewhere.Key is { } above ? $"{above}.{parts[^1]}" : "";
    }
}
