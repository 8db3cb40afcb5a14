using System.Text;
using Detector.Core.Events.Json;

namespace Detector.Core.Events.Formats;

/// <summary>The envelope in which EventBridge delivers an event: the record is its <c>detail</c>.</summary>
/// <remarks>EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".</remarks>
internal static class EventBridge
{
    // "AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail" (also "Sign-In", "Signin", "SignIn"), "AWS Service Event via CloudTrail",
    // "AWS Insight via CloudTrail": the end is what they share.
    private static ReadOnlySpan<byte> ViaCloudTrail => "via CloudTrail"u8;

    /// <summary>A <c>detail-type</c> beside a <c>detail</c> makes an envelope, whatever service it is from.</summary>
    public static bool IsEnvelope(FieldTable fields) =>
        Shape.Has(fields, RecordSelection.DetailType, JsonKind.String) && fields.First(RecordSelection.Detail) >= 0;

    /// <summary>Whether the envelope holds a CloudTrail record.</summary>
    public static bool IsCloudTrail(FieldTable fields, ReadOnlySpan<byte> text)
    {
        var detailType = fields[fields.First(RecordSelection.DetailType)].In(text);
        detailType = detailType.Contains((byte)'\\') ? JsonText.Unescape(detailType) : detailType;
        return detailType.Length >= ViaCloudTrail.Length && Ascii.EqualsIgnoreCase(detailType[^ViaCloudTrail.Length..], ViaCloudTrail);
    }
}
