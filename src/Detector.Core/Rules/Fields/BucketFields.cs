namespace Detector.Core.Rules.Fields;

/// <summary>What a change of a bucket does to the objects in it.</summary>
/// <remarks>S3 API Reference, PutBucketLifecycleConfiguration.</remarks>
internal static class BucketFields
{
    public static DerivedField[] All { get; } =
    [
        DerivedField.Number(
            "detector.bucket.expiryDays",
            "After how many days a PutBucketLifecycle request has objects deleted: the least of its enabled rules, 0 where one names a date. Absent if none deletes.",
            ExpiryDays
        ),
    ];

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
