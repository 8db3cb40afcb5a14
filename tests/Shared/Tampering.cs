using System.Security.Cryptography;
using System.Text;
using Detector.Core.Integrity;

namespace Detector.Testing;

/// <summary>Something that an intruder may do to one hour of a trail.</summary>
/// <param name="Name">What he does.</param>
/// <param name="Act">Does it to the digest of the hour, or to a log file that it names; returns what has to be found.</param>
/// <param name="OfCopies">Whether a copy on a disk shows it, which has no signatures.</param>
internal sealed record Tampering(
    string Name,
    Func<SignedTrail, string, string, Random, IEnumerable<(IntegrityFault Fault, string Subject)>> Act,
    bool OfCopies = true
)
{
    public static IReadOnlyList<Tampering> All { get; } =
    [
        new("log missing", LogMissing),
        new("log altered", LogAltered),
        new("log emptied", LogEmptied),
        new("log exchanged", LogExchanged),
        new("log added", LogAdded),
        new("log renamed", LogRenamed),
        new("digest missing", DigestMissing),
        new("digest altered", DigestAltered),
        new("digest renamed", DigestRenamed),
        new("digest exchanged", DigestExchanged),
        new("log altered and its digest made to agree", LogAndDigestAltered),
        new("digest signed by another key", DigestSignedAnew),
        new("signature wrong", SignatureWrong, OfCopies: false),
    ];

    /// <summary>Does it to an hour; returns what has to be found.</summary>
    public IReadOnlyList<(IntegrityFault Fault, string Subject)> To(SignedTrail trail, int hour, Random random)
    {
        var digest = trail.Digests[hour];
        return [.. Act(trail, digest, trail.Logs[digest][random.Next(trail.Logs[digest].Count)], random)];
    }

    private static IEnumerable<(IntegrityFault, string)> LogMissing(SignedTrail trail, string digest, string log, Random random)
    {
        trail.Objects.Remove(log);
        return [(IntegrityFault.LogMissing, log)];
    }

    private static IEnumerable<(IntegrityFault, string)> LogAltered(SignedTrail trail, string digest, string log, Random random)
    {
        trail.Objects[log] = Flipped(trail.Objects[log], random);
        return [(IntegrityFault.LogAltered, log)];
    }

    private static IEnumerable<(IntegrityFault, string)> LogEmptied(SignedTrail trail, string digest, string log, Random random)
    {
        trail.Objects[log] = [];
        return [(IntegrityFault.LogAltered, log)];
    }

    /// <summary>Another log file under its name.</summary>
    private static IEnumerable<(IntegrityFault, string)> LogExchanged(SignedTrail trail, string digest, string log, Random random)
    {
        trail.Objects[log] = trail.Objects[trail.Logs[trail.Digests[0]][0]];
        return [(IntegrityFault.LogAltered, log)];
    }

    private static IEnumerable<(IntegrityFault, string)> LogAdded(SignedTrail trail, string digest, string log, Random random)
    {
        var added = Beside(log, "forged");
        trail.Objects[added] = "{\"Records\":[]}"u8.ToArray();
        return [(IntegrityFault.LogAdded, added)];
    }

    private static IEnumerable<(IntegrityFault, string)> LogRenamed(SignedTrail trail, string digest, string log, Random random)
    {
        var renamed = Beside(log, "renamed");
        trail.Objects[renamed] = trail.Objects[log];
        trail.Objects.Remove(log);
        return [(IntegrityFault.LogMissing, log), (IntegrityFault.LogAdded, renamed)];
    }

    private static IEnumerable<(IntegrityFault, string)> DigestMissing(SignedTrail trail, string digest, string log, Random random)
    {
        trail.Objects.Remove(digest);
        return [(IntegrityFault.DigestMissing, digest)];
    }

    private static IEnumerable<(IntegrityFault, string)> DigestAltered(SignedTrail trail, string digest, string log, Random random)
    {
        trail.Objects[digest] = Flipped(trail.Objects[digest], random);
        return [(IntegrityFault.DigestAltered, digest)];
    }

    /// <summary>With its signature; it still says where it belongs.</summary>
    private static IEnumerable<(IntegrityFault, string)> DigestRenamed(SignedTrail trail, string digest, string log, Random random)
    {
        var renamed = digest.Replace("0000Z.json.gz", "0001Z.json.gz", StringComparison.Ordinal);
        trail.Objects[renamed] = trail.Objects[digest];
        trail.Seals[renamed] = trail.Seals[digest];
        trail.Objects.Remove(digest);
        return [(IntegrityFault.DigestMissing, digest), (IntegrityFault.DigestAltered, renamed)];
    }

    /// <summary>A digest of another time under its name, with its signature.</summary>
    private static IEnumerable<(IntegrityFault, string)> DigestExchanged(SignedTrail trail, string digest, string log, Random random)
    {
        trail.Objects[digest] = trail.Objects[trail.Digests[0]];
        trail.Seals[digest] = trail.Seals[trail.Digests[0]];
        return [(IntegrityFault.DigestAltered, digest)];
    }

    private static IEnumerable<(IntegrityFault, string)> LogAndDigestAltered(SignedTrail trail, string digest, string log, Random random)
    {
        var was = Hash(trail.Objects[log]);
        trail.Objects[log] = Flipped(trail.Objects[log], random);
        Replace(trail, digest, was, Hash(trail.Objects[log]));
        return [(IntegrityFault.DigestAltered, digest)];
    }

    private static IEnumerable<(IntegrityFault, string)> DigestSignedAnew(SignedTrail trail, string digest, string log, Random random)
    {
        Replace(trail, digest, "\"logFiles\":[{", "\"logFiles\": [{");
        trail.SignFalsely(digest);
        return [(IntegrityFault.DigestAltered, digest)];
    }

    private static IEnumerable<(IntegrityFault, string)> SignatureWrong(SignedTrail trail, string digest, string log, Random random)
    {
        var other = Convert.ToHexStringLower(Flipped(Convert.FromHexString(trail.Seals[digest].Signature!), random));
        trail.Seals[digest] = trail.Seals[digest] with { Signature = other };
        return [(IntegrityFault.DigestAltered, digest)];
    }

    /// <summary>The name of another log file of the same minute.</summary>
    private static string Beside(string log, string unique) => $"{log[..log.LastIndexOf('_')]}_{unique}.json.gz";

    private static void Replace(SignedTrail trail, string name, string text, string by) =>
        trail.Objects[name] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(trail.Objects[name]).Replace(text, by, StringComparison.Ordinal));

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Flipped(byte[] content, Random random)
    {
        var other = content.ToArray();
        other[random.Next(other.Length)] ^= (byte)(1 << random.Next(8));
        return other;
    }
}
