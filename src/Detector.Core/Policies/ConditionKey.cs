using System.Globalization;

namespace Detector.Core.Policies;

/// <summary>A condition key: whether requests have it, what it controls, and which values stand for all that it may have.</summary>
internal sealed class ConditionKey
{
    private const string MfaAge = "aws:multifactorauthage";
    private const string MfaPresent = "aws:multifactorauthpresent";
    private const string TokenIssueTime = "aws:tokenissuetime";

    private static readonly string[] Booleans = ["true", "false"];
    private static readonly string[] Words = ["Kestrel41", "wombat-9", "o-zq41x", "/team/a:b@c.example"];
    private static readonly string[] Arns =
    [
        "arn:aws:iam::417093285516:user/Kestrel41",
        "arn:aws:iam::862450917733:role/team/wombat-9",
        "arn:aws:iam::990037254118:root",
    ];
    private static readonly string[] Accounts = ["417093285516", "862450917733", "990037254118"];
    private static readonly string[] Regions =
    [
        "us-east-1",
        "us-west-2",
        "eu-central-1",
        "ap-southeast-2",
        "sa-east-1",
        "af-south-1",
        "cn-north-1",
        "us-gov-west-1",
    ];
    private static readonly string[] Numbers = ["1", "300", "43000"];
    private static readonly string[] Agents = ["aws-cli/2.15.0", "Mozilla/5.0 (X11)", "Boto3/1.34", "APN/1.0 HashiCorp"];

    /// <summary>One in each sixteenth of the addresses of hosts, so that only networks that together are the world contain all of them.</summary>
    private static readonly string[] FourAddresses =
    [
        "3.120.44.5",
        "18.203.7.91",
        "34.77.120.8",
        "52.94.1.133",
        "66.249.70.2",
        "81.2.69.142",
        "104.28.0.77",
        "116.203.90.4",
        "129.10.34.6",
        "151.101.9.8",
        "165.22.7.199",
        "185.199.108.153",
        "194.55.12.7",
        "209.85.231.10",
    ];

    /// <summary>The same in each eighth of the public addresses of IPv6 (2000::/3).</summary>
    public static readonly string[] SixAddresses =
    [
        "2001:41d0:2::7",
        "2600:1f18:40::9",
        "2a05:d018:7::3",
        "2c0f:fb50::5",
        "3001:db8::1",
        "3400::2",
        "3800::4",
        "3c00::6",
    ];

    /// <summary>The only values that the key may have; null if they are not known.</summary>
    private readonly string[]? _known;

    private ConditionKey(string name, KeyPresence presence, Controls control, string[]? known = null)
    {
        Name = name;
        Presence = presence;
        Control = control;
        _known = known;
    }

    /// <summary>In lower case.</summary>
    public string Name { get; }

    public KeyPresence Presence { get; }

    public Controls Control { get; }

    public bool IsAddress => Name is "aws:sourceip" or "aws:vpcsourceip";

    public static ConditionKey Of(string key)
    {
        key = key.ToLowerInvariant();
        return new ConditionKey(key, PresenceOf(key), ControlOf(key));
    }

    /// <summary>The key in requests of somebody of whom something is known. What they act on is their account's, for that is what a grant is judged by.</summary>
    public ConditionKey For(PolicyHolder holder) =>
        Name switch
        {
            "aws:principalaccount" or "aws:resourceaccount" when holder.AccountId is { } account => Known(account),
            "aws:principalarn" when holder.AccountId is not null => Known(holder.Arns()),
            "aws:username" when holder is { Kind: PrincipalKind.User, Name: { } name } => Known(name),
            // The temporary credentials of a role always tell.
            MfaPresent when holder.Kind == PrincipalKind.Role => new ConditionKey(Name, KeyPresence.Always, Control),
            _ => this,
        };

    /// <summary>Values that a request may have under this key, unlike each other.</summary>
    public string[] Samples(OperatorKind kind, DateTimeOffset at) =>
        Name switch
        {
            _ when _known is not null => _known,
            MfaPresent => Booleans,
            "aws:securetransport" => ["true"],
            "aws:viaawsservice" or "aws:principalisawsservice" => ["false"],
            "aws:sourceip" or "aws:vpcsourceip" => FourAddresses,
            "aws:requestedregion" => Regions,
            "aws:principaltype" => ["User", "AssumedRole", "Account", "FederatedUser"],
            "aws:currenttime" or TokenIssueTime => [Iso(at), Iso(AYearAfter(at))],
            "aws:epochtime" => [Epoch(at), Epoch(AYearAfter(at))],
            "aws:useragent" => Agents,
            "aws:principalaccount" or "aws:sourceaccount" or "aws:resourceaccount" => Accounts,
            _ when Name.EndsWith("arn", StringComparison.Ordinal) => Arns,
            _ => kind switch
            {
                OperatorKind.Bool => Booleans,
                OperatorKind.Address => FourAddresses,
                >= OperatorKind.Number and <= OperatorKind.NumberFrom => Numbers,
                >= OperatorKind.Date => [Iso(at), Iso(AYearAfter(at))],
                _ => Words,
            },
        };

    private ConditionKey Known(params string[] values) => new(Name, KeyPresence.Sometimes, Control, values);

    private static KeyPresence PresenceOf(string key)
    {
        var service = key.AsSpan(0, Math.Max(key.IndexOf(':', StringComparison.Ordinal), 0));
        if (service.IndexOfAny('.', '/') >= 0 || service is "saml")
        {
            return KeyPresence.Always; // a claim
        }
        return key switch
        {
            "aws:sourceip"
            or "aws:currenttime"
            or "aws:epochtime"
            or "aws:securetransport"
            or "aws:viaawsservice"
            or "aws:principalisawsservice"
            or "aws:principalarn"
            or "aws:principalaccount"
            or "aws:principaltype"
            or "aws:userid"
            or "aws:useragent"
            or "aws:requestedregion" => KeyPresence.Always,
            MfaAge => KeyPresence.Narrowing,
            MfaPresent => KeyPresence.Avoidable,
            "aws:username"
            or TokenIssueTime
            or "aws:sourceidentity"
            or "aws:principalorgid"
            or "aws:principalorgpaths"
            or "aws:referer"
            or "sts:externalid"
            or "sts:rolesessionname"
            or "sts:sourceidentity" => KeyPresence.Sometimes,
            _ => key.StartsWith("aws:principaltag/", StringComparison.Ordinal) ? KeyPresence.Sometimes : KeyPresence.Rare,
        };
    }

    private static Controls ControlOf(string key) =>
        key switch
        {
            MfaPresent or MfaAge => Controls.Mfa,
            "aws:sourceip"
            or "aws:vpcsourceip"
            or "aws:sourcevpc"
            or "aws:sourcevpce"
            or "aws:sourcevpcarn"
            or "aws:vpceaccount"
            or "aws:sourcearn"
            or "aws:sourceaccount" => Controls.Source,
            "aws:principalorgid" or "aws:principalorgpaths" or "aws:sourceorgid" or "aws:sourceorgpaths" or "aws:vpceorgid" or "aws:vpceorgpaths" =>
                Controls.Organization,
            "sts:externalid" => Controls.ExternalId,
            _ => Controls.None,
        };

    private static DateTimeOffset AYearAfter(DateTimeOffset at) => at.Year < 9999 ? at.AddYears(1) : at;

    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Epoch(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}

/// <summary>Whether a person's or a program's own requests have a condition key.</summary>
internal enum KeyPresence
{
    /// <summary>Every one.</summary>
    Always,

    /// <summary>Some, or the caller may choose to: a test that every value passes is none.</summary>
    Sometimes,

    /// <summary>Only requests of a special kind, so that a test passed in the key's absence is none. Keys of one service are absent with all others.</summary>
    Rare,

    /// <summary>Some, and the caller may choose to leave it out: a long-term key says nothing of MFA, so that a test passed in the key's absence is none.</summary>
    /// <remarks>IAM User Guide, "AWS global condition context keys", aws:MultiFactorAuthPresent.</remarks>
    Avoidable,

    /// <summary>Present only with those whom the key is about: to have it at all is what narrows.</summary>
    Narrowing,
}
