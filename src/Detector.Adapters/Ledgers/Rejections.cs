using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Detector.Adapters.Sqlite;
using Detector.Core.Events;

namespace Detector.Adapters.Ledgers;

/// <summary>The statements behind rejected records.</summary>
internal static class Rejections
{
    /// <summary>Bytes of rejected content that are kept in all. Whoever sends garbage without end must not fill the disk that alerts need.</summary>
    public const long MaxTotal = 256L * 1024 * 1024;

    public static int Keep(SqliteSession session, IReadOnlyList<(string Id, Rejected Record)> rejected, DateTimeOffset now)
    {
        foreach (var (id, record) in rejected)
        {
            session.Run(
                """
                INSERT INTO rejected (id, origin, place, offset, reason, first_seen, last_seen, content)
                VALUES ($id, $origin, $place, $offset, $reason, $now, $now, $content)
                ON CONFLICT (id) DO UPDATE SET times = times + 1, last_seen = $now
                """,
                ("$id", id),
                ("$origin", record.Origin),
                ("$place", record.Index),
                ("$offset", record.Offset),
                ("$reason", record.Reason),
                ("$now", now.UtcTicks),
                ("$content", Cut(record.Content).ToArray())
            );
        }
        return rejected.Count;
    }

    /// <summary>The same content at the same place has the same id.</summary>
    public static string IdOf(Rejected record)
    {
        var origin = Encoding.UTF8.GetBytes(record.Origin);
        Span<byte> lengths = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(lengths, origin.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], record.Index);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(lengths);
        hash.AppendData(origin);
        hash.AppendData(record.Content.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>Forgets some of those last seen before a time, and of the rest the oldest while they are too many.</summary>
    /// <returns>Whether there may be more of them.</returns>
    public static bool Prune(SqliteSession session, DateTimeOffset before, int step, long maxTotal)
    {
        var old = session.Run(
            "DELETE FROM rejected WHERE key IN (SELECT key FROM rejected WHERE last_seen < $before LIMIT $step)",
            ("$before", before.UtcTicks),
            ("$step", step)
        );
        // length() of a blob stands in the row's head, so content is not read; 1000 is for what a row costs besides.
        var excess = session.Run(
            """
            DELETE FROM rejected WHERE key IN (
                SELECT key FROM (SELECT key, sum(1000 + length(content)) OVER (ORDER BY last_seen DESC, key DESC) AS total FROM rejected)
                WHERE total > $most LIMIT $step)
            """,
            ("$most", maxTotal),
            ("$step", step)
        );
        return old == step || excess == step;
    }

    private static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> content) => content[..Math.Min(content.Length, Rejected.MaxContent)];
}
