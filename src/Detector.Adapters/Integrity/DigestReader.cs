using System.IO.Compression;
using System.Security.Cryptography;
using Detector.Adapters.Files;
using Detector.Core.Integrity;

namespace Detector.Adapters.Integrity;

/// <summary>Reads digest files, gzip or plain. What is in one may be anything: a digest that cannot be read is found all the same, with the reason.</summary>
public static class DigestReader
{
    /// <summary>Reads one.</summary>
    public static async Task<FoundDigest> ReadAsync(DigestItem item, CancellationToken cancellation)
    {
        try
        {
            var (stored, seal) = await item.OpenAsync(cancellation);
            await using (stored)
            {
                var content = await UnpackAsync(stored, cancellation);
                var isDigest = DigestFile.TryRead(content, out var digest, out var problem);
                return new FoundDigest(item.Name, item.Place, SHA256.HashData(content), isDigest ? digest : null, problem, seal);
            }
        }
        catch (InvalidDataException)
        {
            return Unreadable(item, "the gzip stream is damaged or cut off");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(item, e.Message);
        }
    }

    private static FoundDigest Unreadable(DigestItem item, string reason) => new(item.Name, item.Place, default, null, reason, default);

    private static async Task<byte[]> UnpackAsync(Stream stored, CancellationToken cancellation)
    {
        var packed = await ReadAsync(stored, cancellation);
        if (!GzipEnd.IsGzip(packed))
            return packed;
        await using var unpacked = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        return await ReadAsync(unpacked, cancellation);
    }

    /// <summary>Reads all, if it is not too much: a small file may unpack to anything.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0; )
        {
            if (content.Length + read > DigestFile.MaxContent)
                throw new IOException($"it has more than {DigestFile.MaxContent >> 20} MB, which no digest has");
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }
}
