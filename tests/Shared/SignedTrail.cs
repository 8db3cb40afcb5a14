using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Detector.Core.Events;
using Detector.Core.Integrity;

namespace Detector.Testing;

/// <summary>A trail of our own making, with a chain of digests that are signed by a key of our own, to be tampered with.</summary>
internal sealed class SignedTrail
{
    public const string UsualBucket = "my-trail";

    public static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<RSA> Key = new(() => RSA.Create(2048));
    private static readonly Lazy<RSA> Other = new(() => RSA.Create(2048));

    private readonly string _prefix;
    private readonly string _account;
    private readonly string _region;
    private readonly string _trail;

    public SignedTrail(
        string account = "111122223333",
        string region = "eu-west-1",
        string trail = "main_trail",
        string prefix = "",
        string bucket = UsualBucket
    )
    {
        (_account, _region, _trail, _prefix, Bucket) = (account, region, trail, prefix, bucket);
    }

    public string Bucket { get; }

    public const string Fingerprint = "a1b2c3d4e5f60718293a4b5c6d7e8f90";

    public static PublicKey OurKey => new(Fingerprint, Key.Value.ExportRSAPublicKey(), new TimeRange(Start.AddDays(-30), Start.AddDays(30)));

    public static PublicKeys Keys => new([OurKey]);

    /// <summary>The unpacked content of what lies in the bucket, by key.</summary>
    public SortedDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>What S3 keeps beside digests, by key.</summary>
    public Dictionary<string, DigestSeal> Seals { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys of the digests, the oldest first.</summary>
    public List<string> Digests { get; } = [];

    /// <summary>Keys of the log files, by the digest that names them.</summary>
    public Dictionary<string, List<string>> Logs { get; } = new(StringComparer.Ordinal);

    /// <summary>A trail with a digest an hour.</summary>
    public static SignedTrail Of(int hours, int logs = 2)
    {
        var trail = new SignedTrail();
        for (var hour = 0; hour < hours; hour++)
            trail.Add(Start.AddHours(hour), logs);
        return trail;
    }

    public string LogKey(DateTimeOffset time, string unique) =>
        $"{_prefix}AWSLogs/{_account}/CloudTrail/{_region}/{time:yyyy'/'MM'/'dd}/{_account}_CloudTrail_{_region}_{time:yyyyMMdd'T'HHmm'Z'}_{unique}.json.gz";

    public string DigestKey(DateTimeOffset end, string suffix = "") =>
        $"{_prefix}AWSLogs/{_account}/CloudTrail-Digest/{_region}/{end:yyyy'/'MM'/'dd}/{_account}_CloudTrail-Digest_{_region}_{_trail}_us-east-1_{end:yyyyMMdd'T'HHmmss'Z'}{suffix}.json.gz";

    /// <summary>Adds the digest of an hour, behind the last one or at the beginning of a new chain.</summary>
    public string Add(DateTimeOffset start, int logs, bool begins = false, string suffix = "", DateTimeOffset? backfilled = null) =>
        Add(
            start,
            [
                .. Enumerable
                    .Range(0, logs)
                    .Select(i => LogKey(start.AddMinutes(5 + i * 50 / logs), $"u{suffix}{i}"))
                    .Select(log =>
                        (
                            log,
                            Encoding.UTF8.GetBytes(
                                $$"""{"Records":[{"eventName":"ListUsers","eventTime":"{{start:yyyy-MM-dd'T'HH:mm:ss'Z'}}","eventID":"{{log}}"}]}"""
                            )
                        )
                    ),
            ],
            begins,
            suffix,
            backfilled
        );

    /// <summary>Adds the digest of an hour, with the log files that it names.</summary>
    public string Add(
        DateTimeOffset start,
        IReadOnlyList<(string Key, byte[] Content)> logs,
        bool begins = false,
        string suffix = "",
        DateTimeOffset? backfilled = null
    )
    {
        var key = DigestKey(start.AddHours(1), suffix);
        Logs[key] = [.. logs.Select(log => log.Key)];
        foreach (var (log, content) in logs)
            Objects[log] = content;
        var previous = begins ? null : Digests.LastOrDefault(digest => digest.Contains("_backfill", StringComparison.Ordinal) == (suffix.Length > 0));
        Objects[key] = Encoding.UTF8.GetBytes(Digest(start, key, previous, Logs[key]));
        Sign(key, previous is null ? null : Seals[previous].Signature, Key.Value, backfilled);
        Digests.Add(key);
        return key;
    }

    /// <summary>Signs a digest as it is now by a key that is not CloudTrail's.</summary>
    public void SignFalsely(string key) =>
        Sign(key, DigestFile.TryRead(Objects[key], out var digest, out _) ? digest.PreviousSignature : null, Other.Value, null);

    /// <summary>What the digests prove.</summary>
    /// <param name="isCopy">Whether the files are read as a copy on a disk, which lost the signatures.</param>
    /// <param name="keys">Public keys; null for the right one.</param>
    /// <param name="from">The time that was asked for.</param>
    public TrailIntegrity Check(bool isCopy = false, PublicKeys? keys = null, DateTimeOffset? from = null)
    {
        ObjectPlace Place(string key) => isCopy ? new ObjectPlace(null, "/evidence/" + key) : new ObjectPlace(Bucket, key);
        var digests = new List<FoundDigest>();
        var logs = new List<(FoundLog, string?, string?, TimeRange)>();
        foreach (var (key, content) in Objects)
        {
            if (key.Contains("CloudTrail-Digest", StringComparison.Ordinal))
            {
                var isRead = DigestFile.TryRead(content, out var digest, out var problem);
                var seal = isCopy ? default : Seals.GetValueOrDefault(key);
                digests.Add(new FoundDigest(key, Place(key), SHA256.HashData(content), isRead ? digest : null, problem, seal));
                continue;
            }
            var path = Detector.Adapters.Files.TrailPath.Of(key);
            logs.Add((new FoundLog(key, Place(key), SHA256.HashData(content), null), path.Account, path.Region, path.Delivered));
        }
        return new IntegrityCheck(keys ?? Keys, from).Of(digests, logs);
    }

    private string Digest(DateTimeOffset start, string key, string? previous, IEnumerable<string> logs)
    {
        string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(Objects[name]));
        string Quoted(string? text) => text is null ? "null" : $"\"{text}\"";
        var files = logs.Select(log => $$"""{"s3Bucket":"{{Bucket}}","s3Object":"{{log}}","hashValue":"{{Hash(log)}}","hashAlgorithm":"SHA-256"}""");
        return $$"""
            {"awsAccountId":"{{_account}}","digestStartTime":"{{Time(start)}}","digestEndTime":"{{Time(start.AddHours(1))}}","digestS3Bucket":"{{Bucket}}",
            "digestS3Object":"{{key}}","digestPublicKeyFingerprint":"{{Fingerprint}}","digestSignatureAlgorithm":"SHA256withRSA",
            "previousDigestS3Bucket":{{Quoted(previous is null ? null : Bucket)}},"previousDigestS3Object":{{Quoted(previous)}},
            "previousDigestHashValue":{{Quoted(previous is null ? null : Hash(previous))}},"previousDigestHashAlgorithm":"SHA-256",
            "previousDigestSignature":{{Quoted(previous is null ? null : Seals[previous].Signature)}},"logFiles":[{{string.Join(',', files)}}]}
            """;
    }

    private void Sign(string key, string? previousSignature, RSA by, DateTimeOffset? backfilled)
    {
        var content = Objects[key];
        var end = DigestFile.TryRead(content, out var digest, out _) ? digest.EndText : "";
        var signed = $"{end}\n{Bucket}/{key}\n{Convert.ToHexStringLower(SHA256.HashData(content))}\n{previousSignature ?? "null"}";
        var signature = by.SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Seals[key] = new DigestSeal(Convert.ToHexStringLower(signature), "SHA256withRSA", backfilled);
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
