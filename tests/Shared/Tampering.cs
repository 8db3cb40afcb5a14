using System.Text;
using Detector.Core.Integrity;

namespace Detector.Testing;

/// <summary>What an intruder may do to one hour of a trail.</summary>
internal static class Tampering
{
    /// <summary>Does something to the digest of an hour, or to its log files; returns what has to be found.</summary>
    public static (IntegrityFault Fault, string Subject) Some(SignedTrail trail, int hour, Random random)
    {
        var digest = trail.Digests[hour];
        var log = trail.Logs[digest][random.Next(trail.Logs[digest].Count)];
        switch (random.Next(9))
        {
            case 0:
                trail.Objects.Remove(log);
                return (IntegrityFault.LogMissing, log);
            case 1:
                trail.Objects[log] = Flipped(trail.Objects[log], random);
                return (IntegrityFault.LogAltered, log);
            case 2:
                // Another log file under its name.
                trail.Objects[log] = trail.Objects[trail.Logs[trail.Digests[0]][0]];
                return (IntegrityFault.LogAltered, log);
            case 3:
                var added = trail.LogKey(SignedTrail.Start.AddHours(hour).AddMinutes(random.Next(60)), "forged");
                trail.Objects[added] = "{\"Records\":[]}"u8.ToArray();
                return (IntegrityFault.LogAdded, added);
            case 4:
                trail.Objects.Remove(digest);
                return (IntegrityFault.DigestMissing, digest);
            case 5:
                trail.Objects[digest] = Flipped(trail.Objects[digest], random);
                return (IntegrityFault.DigestAltered, digest);
            case 6:
                // A log file is altered, and the digest is made to agree.
                var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(trail.Objects[log]));
                trail.Objects[log] = Flipped(trail.Objects[log], random);
                var now = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(trail.Objects[log]));
                trail.Objects[digest] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(trail.Objects[digest]).Replace(hash, now, StringComparison.Ordinal));
                return (IntegrityFault.DigestAltered, digest);
            case 7:
                // So too, and it is signed anew.
                trail.Objects[digest] = Encoding.UTF8.GetBytes(
                    Encoding.UTF8.GetString(trail.Objects[digest]).Replace("\"logFiles\":[{", "\"logFiles\": [{", StringComparison.Ordinal)
                );
                trail.SignFalsely(digest);
                return (IntegrityFault.DigestAltered, digest);
            default:
                // A digest of another time under its name, with its signature.
                trail.Objects[digest] = trail.Objects[trail.Digests[0]];
                trail.Seals[digest] = trail.Seals[trail.Digests[0]];
                return (IntegrityFault.DigestAltered, digest);
        }
    }

    private static byte[] Flipped(byte[] content, Random random)
    {
        var other = content.ToArray();
        other[random.Next(other.Length)] ^= (byte)(1 << random.Next(8));
        return other;
    }
}
