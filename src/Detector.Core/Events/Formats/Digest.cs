using Detector.Core.Events.Json;

namespace Detector.Core.Events.Formats;

/// <summary>A digest file, which lists the hashes of log files and holds no records.</summary>
/// <remarks>CloudTrail User Guide, "CloudTrail digest file structure".</remarks>
internal static class Digest
{
    /// <summary>No record has a <c>digestStartTime</c>.</summary>
    public static bool IsDigest(FieldTable fields) => fields.First(RecordSelection.DigestStartTime) >= 0 && fields.First(RecordSelection.EventName) < 0;
}
