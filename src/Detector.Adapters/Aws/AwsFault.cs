using System.Net;
using Amazon.Runtime;
using Detector.Adapters.Reports;

namespace Detector.Adapters.Aws;

/// <summary>Why a call to AWS failed, in words fit for a log.</summary>
/// <param name="Code">AWS's error code, or <c>unreachable</c>; equal for failures of one cause.</param>
/// <param name="Text">One line for people. Never more than the first line of AWS's message: what follows may quote the signed request.</param>
/// <param name="NeedsSomebody">False if waiting mends it (throttling, outages, a lost network, a clock that has jumped), true if only an operator can.</param>
internal readonly record struct AwsFault(string Code, string Text, bool NeedsSomebody)
{
    private const string Unreachable = "unreachable";

    /// <summary>The SDK's own first line only announces a list of where it looked.</summary>
    private const string NoCredentials =
        "no AWS credentials were found: no keys in the environment (AWS_ACCESS_KEY_ID), no profile (AWS_PROFILE) and no role of this machine that can be used";

    public static AwsFault Of(Exception exception) =>
        exception switch
        {
            AmazonServiceException { StatusCode: >= HttpStatusCode.Continue } answered => OfAnswer(answered),
            AmazonServiceException or HttpRequestException or IOException or TimeoutException or OperationCanceledException => new AwsFault(
                Unreachable,
                $"no answer ({FirstLine(exception)})",
                NeedsSomebody: false
            ),
            AmazonClientException when exception.Message.StartsWith("Failed to resolve AWS credentials", StringComparison.Ordinal) => new AwsFault(
                "client",
                NoCredentials,
                NeedsSomebody: true
            ),
            // Chiefly: no such profile, or no region.
            AmazonClientException => new AwsFault("client", FirstLine(exception), NeedsSomebody: true),
            _ => new AwsFault(exception.GetType().Name, $"{exception.GetType().Name}: {FirstLine(exception)}", NeedsSomebody: true),
        };

    /// <summary>The fault of one entry of a batch.</summary>
    /// <param name="code">AWS's error code.</param>
    /// <param name="message">AWS's message.</param>
    /// <param name="isSenders">Whether AWS says that the caller is to blame.</param>
    public static AwsFault OfEntry(string? code, string? message, bool isSenders)
    {
        var known = PlainText.Clean(code, 80) is { Length: > 0 } named ? named : "unknown";
        return new AwsFault(known, $"{known}: {FirstLine(message ?? "")}", NeedsSomebody: isSenders && !IsThrottling(known));
    }

    private static AwsFault OfAnswer(AmazonServiceException answered)
    {
        var code = PlainText.Clean(answered.ErrorCode, 80) is { Length: > 0 } named ? named : answered.StatusCode.ToString();
        var text = FirstLine(answered);
        var passing =
            answered.StatusCode >= HttpStatusCode.InternalServerError
            || answered.StatusCode == HttpStatusCode.TooManyRequests
            || IsThrottling(code)
            || IsClockOff(code, text);
        return new AwsFault(code, $"{code} (HTTP {(int)answered.StatusCode}): {text}", NeedsSomebody: !passing);
    }

    private static bool IsThrottling(string code) =>
        code.Contains("Throttl", StringComparison.OrdinalIgnoreCase)
        || code.Contains("LimitExceeded", StringComparison.OrdinalIgnoreCase)
        || code is "OverLimit" or "SlowDown" or "TooManyRequestsException" or "ServiceUnavailable" or "InternalError" or "InternalFailure";

    /// <summary>
    /// Whether the call was signed with a time that is too far off. The SDK learns AWS's time from such an answer and asks again by it; but of two calls at once only
    /// the first asks again, as for the second the time is known already. Whoever tries once more has the time right.
    /// </summary>
    private static bool IsClockOff(string code, string text) =>
        code is "RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture"
        || (
            code is "SignatureDoesNotMatch" or "InvalidSignatureException"
            && (text.StartsWith("Signature expired", StringComparison.Ordinal) || text.StartsWith("Signature not yet current", StringComparison.Ordinal))
        );

    private static string FirstLine(Exception exception) => FirstLine(exception.Message);

    private static string FirstLine(string text)
    {
        var message = text.AsSpan().TrimStart();
        var end = message.IndexOfAny('\r', '\n');
        return PlainText.Clean((end < 0 ? message : message[..end]).ToString(), 200);
    }
}

/// <summary>Tells of what AWS does not do.</summary>
internal static class AwsTroubles
{
    public static void Failed(this Trouble trouble, AwsFault fault) => trouble.Failed(fault.Code, fault.Text, fault.NeedsSomebody);
}
