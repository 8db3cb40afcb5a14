using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Detector.Tests.Investigation;

/// <summary>
/// The evidence of docs/investigating.md, as somebody copied it from the bucket: log files and digests of two trails, signed by a key of our own, after an intruder
/// has been at them. He deleted a log file, and took a record out of another.
/// </summary>
internal static class HeronArchive
{
    private static readonly DateTimeOffset Off = new(2026, 11, 5, 4, 0, 0, TimeSpan.Zero);

    /// <summary>Every file by its name, unpacked.</summary>
    public static SortedDictionary<string, byte[]> Files()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var records = HeronTrail.Records();
        foreach (var account in (string[])[HeronTrail.Main, HeronTrail.Build])
        {
            var trail = new SignedTrail(account, "us-east-1", "heron", bucket: "heron-trail");
            for (var hour = 0; hour < HeronTrail.Hours; hour++)
            {
                var start = HeronTrail.Start.AddHours(hour);
                // While the trail was off nothing was written; then the chain begins anew.
                if (account == HeronTrail.Main && start == Off)
                    continue;
                var logs = Enumerable
                    .Range(0, 4)
                    .Select(quarter => (At: start.AddMinutes(15 * quarter), Records: Within(records, account, start.AddMinutes(15 * quarter))))
                    .Where(log => log.Records.Count > 0)
                    .Select(log => (trail.LogKey(log.At.AddMinutes(15), Unique(account, log.At)), Pack(log.Records)));
                trail.Add(start, [.. logs], begins: account == HeronTrail.Main && start == Off.AddHours(1));
            }
            Tamper(trail, account);
            foreach (var (name, content) in trail.Objects)
                files[name] = content;
            foreach (var newest in trail.Digests.TakeLast(1))
                files[newest + ".head.json"] = Head(trail, newest);
        }
        files["keys.json"] = Keys();
        return files;
    }

    /// <summary>The records of a quarter of an hour.</summary>
    private static List<JsonObject> Within(IReadOnlyList<(string Account, DateTimeOffset Time, JsonObject Record)> all, string account, DateTimeOffset from) =>
        [.. all.Where(one => one.Account == account && one.Time >= from && one.Time < from.AddMinutes(15)).Select(one => one.Record)];

    /// <summary>Writes them all into one, log files and digests packed as CloudTrail packs them.</summary>
    public static void Write(Stream output, IReadOnlyDictionary<string, byte[]> files)
    {
        using var gzip = new GZipStream(output, CompressionLevel.SmallestSize);
        using var tar = new TarWriter(gzip);
        foreach (var (name, content) in files)
        {
            using var data = new MemoryStream(name.EndsWith(".gz", StringComparison.Ordinal) ? Gzip(content) : content);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data, ModificationTime = HeronTrail.Start });
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static SortedDictionary<string, byte[]> Read(Stream input)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var gzip = new GZipStream(input, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            var isPacked = entry.Name.EndsWith(".gz", StringComparison.Ordinal);
            using (Stream data = isPacked ? new GZipStream(entry.DataStream!, CompressionMode.Decompress) : entry.DataStream!)
                data.CopyTo(content);
            files[entry.Name] = content.ToArray();
        }
        return files;
    }

    private static void Tamper(SignedTrail trail, string account)
    {
        bool Is(string key, string time) => key.Contains($"_{time}Z_", StringComparison.Ordinal) && !key.Contains("Digest", StringComparison.Ordinal);
        if (account == HeronTrail.Main)
        {
            // The key that he made for himself is no longer to be found.
            var made = trail.Objects.Keys.Single(key => Is(key, "20261104T0145"));
            var records = JsonNode.Parse(trail.Objects[made])!["Records"]!.AsArray();
            trail.Objects[made] = Pack([.. records.Select(one => one!.AsObject()).Where(one => one["eventName"]!.GetValue<string>() != "CreateAccessKey")]);
        }
        else
        {
            // And nobody knows what this one held.
            trail.Objects.Remove(trail.Objects.Keys.Single(key => Is(key, "20261104T0630")));
        }
    }

    private static byte[] Pack(IReadOnlyList<JsonObject> records) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["Records"] = new JsonArray([.. records.Select(one => one.DeepClone())]) }.ToJsonString());

    private static string Unique(string account, DateTimeOffset time) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{account}{time:O}")))[..16];

    private static byte[] Head(SignedTrail trail, string digest) =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["Metadata"] = new JsonObject { ["signature"] = trail.Seals[digest].Signature, ["signature-algorithm"] = trail.Seals[digest].Algorithm },
            }.ToJsonString()
        );

    private static byte[] Keys()
    {
        var key = SignedTrail.OurKey;
        return Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["PublicKeyList"] = new JsonArray(
                    new JsonObject
                    {
                        ["Value"] = Convert.ToBase64String(key.Value.Span),
                        ["ValidityStartTime"] = key.Valid.From!.Value.ToUnixTimeSeconds(),
                        ["ValidityEndTime"] = key.Valid.To!.Value.ToUnixTimeSeconds(),
                        ["Fingerprint"] = key.Fingerprint,
                    }
                ),
            }.ToJsonString()
        );
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
            gzip.Write(content);
        return packed.ToArray();
    }
}
