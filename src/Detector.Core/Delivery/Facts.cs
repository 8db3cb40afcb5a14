using System.Text.Json;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;

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

    public static Facts Of(ReadOnlyMemory<byte> record)
    {
        using var document = JsonText.Parse(record);
        var root = document.RootElement;
        var identity = root.Member("userIdentity");
        return new Facts(
            root.Text("eventID"),
            root.Member("addendum").ValueKind == JsonValueKind.Object,
            new AlertFacts
            {
                Actor = Caller.Actor(root),
                ActorType = identity.Text("type"),
                AccessKeyId = identity.Text("accessKeyId") is { Length: > 0 } key ? key : null,
                Account = Caller.Account(root),
                Region = root.Text("awsRegion"),
                EventSource = root.Text("eventSource"),
                EventName = root.Text("eventName"),
                SourceAddress = root.Text("sourceIPAddress"),
                UserAgent = root.Text("userAgent"),
                ErrorCode = root.Text("errorCode") ?? root.Text("errorMessage"),
                Mfa = Caller.Mfa(root) is var mfa && mfa == "unknown" ? "not recorded" : mfa,
                Targets = Targets(root.Member("requestParameters")),
            }
        );
    }

    private static List<string> Targets(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            return [];
        }
        // Documents and key material are for the record itself, not for a line.
        var told = parameters
            .EnumerateObject()
            .Where(parameter => parameter.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            .Where(parameter => !Bulky.Contains(parameter.Name))
            .Select(parameter => (parameter.Name, Text: parameter.Value.ToString()));
        // A long text is cut, for whoever names what they touch at such length must not hide it; but what may be a document takes no short one's place.
        var shortFirst = told.Where(one => one.Text.Length <= MaxTarget).Concat(told.Where(one => one.Text.Length > MaxTarget));
        return [.. shortFirst.Take(MaxTargets).Select(one => $"{one.Name}={ShortText.Of(one.Text, MaxTarget)}")];
    }
}
