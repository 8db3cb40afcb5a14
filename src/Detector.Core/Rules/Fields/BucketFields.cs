using System.Text.Json;
using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>What a change of a bucket does to the objects in it.</summary>
/// <remarks>S3 API Reference, PutBucketLifecycleConfiguration and PutBucketPolicy.</remarks>
internal static class BucketFields
{
    private static readonly string[] OfFiles = ["s3:getobject", "s3:putobject", "s3:deleteobject"];

    public static DerivedField[] All { get; } =
    [
        DerivedField.Number(
            "detector.bucket.expiryDays",
            "After how many days a PutBucketLifecycle request has objects deleted: the least of its enabled rules, 0 where one names a date. Absent if none deletes.",
            ExpiryDays
        ),
        DerivedField.Flag(
            "detector.bucket.cloudTrailWrites",
            "Whether the policy of a PutBucketPolicy request lets CloudTrail put files into the bucket.",
            e => WhoMay("s3:putobject", e) is { } trust ? KeyPolicyFields.LetsCloudTrailIn(trust) : null
        ),
        DerivedField.Flag(
            "detector.bucket.public",
            "Whether the policy of a PutBucketPolicy request lets anybody in the world read, write or delete files in the bucket.",
            e => WhoMay("s3:putobject", e) is null ? null : Array.Exists(OfFiles, action => WhoMay(action, e)!.LetsEverybodyIn)
        ),
    ];

    private static Trust? WhoMay(string action, EventContext e) =>
        e is { Source: "s3.amazonaws.com", Name: "PutBucketPolicy" } && e.Request.Member("bucketPolicy") is { ValueKind: not JsonValueKind.Undefined } document
            ? e.Once(action, () => Trust.OfResource(KnownDocuments.Read(document), e.Time ?? DateTimeOffset.UnixEpoch, action))
            : null;

    private static long? ExpiryDays(EventContext e)
    {
        if (e.Source != "s3.amazonaws.com" || e.Name is not ("PutBucketLifecycle" or "PutBucketLifecycleConfiguration"))
            return null;
        return e
            .Request.Member("LifecycleConfiguration")
            .Member("Rule")
            .Items()
            .Where(rule => rule.Text("Status")?.Equals("Enabled", StringComparison.OrdinalIgnoreCase) == true)
            .Select(rule => rule.Member("Expiration"))
            .Select(expiration => expiration.Whole("Days") ?? (expiration.Text("Date") is null ? null : 0L))
            .Min();
    }
}
