using System.Text.Json;

namespace Detector.Core.Rules.Fields;

/// <summary>Whether a call did what it was made for.</summary>
internal static class CallOutcome
{
    /// <summary>Sign-in events succeed by their answer, all others by the absence of an error.</summary>
    public static bool IsSuccess(JsonElement root) =>
        Answer(root) is { } answer ? answer.Equals("Success", StringComparison.OrdinalIgnoreCase) : !Has(root, "errorCode") && !Has(root, "errorMessage");

    /// <summary>Sign-in events put "Success" or "Failure" below the event's own name.</summary>
    private static string? Answer(JsonElement root) =>
        root.Text("eventSource") == "signin.amazonaws.com" && root.Text("eventName") is { } name ? root.Member("responseElements").Text(name) : null;

    private static bool Has(JsonElement root, string name) =>
        root.Member(name) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value && value.Text() is not "";
}
