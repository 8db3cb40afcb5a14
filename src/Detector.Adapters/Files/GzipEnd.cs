using System.Buffers.Binary;
using System.IO.Compression;

namespace Detector.Adapters.Files;

/// <summary>
/// Knows gzip by its first bytes, and a gzip file whose content was read to its end by its last. The platform's own stream says nothing if what follows a member
/// is no member.
/// </summary>
/// <remarks>RFC 1952, section 2.3: a member ends with the CRC-32 and the length (modulo 2^32) of what it holds.</remarks>
internal static class GzipEnd
{
    /// <summary>Bytes at a member's end.</summary>
    public const int Trailer = 8;

    private static readonly uint[] Table = MakeTable();

    /// <summary>Whether a file begins as gzip does.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> beginning) => beginning is [0x1f, 0x8b, ..];

    /// <summary>How long the last member's content is, if the file is whole: modulo 2^32, and not to be trusted.</summary>
    public static uint LengthOf(ReadOnlySpan<byte> trailer) => BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);

    /// <summary>Whether the bytes that end a file end what was unpacked of it.</summary>
    /// <param name="trailer">The file's last bytes.</param>
    /// <param name="length">Bytes that were unpacked.</param>
    /// <param name="open">Opens the file again; null if that cannot be, and then of several members it is believed.</param>
    public static bool Ends(ReadOnlySpan<byte> trailer, long length, Func<Stream>? open)
    {
        if (trailer.Length < Trailer)
            return false;
        var last = LengthOf(trailer);
        if (last == (uint)length)
            return true;
        if (last > length)
            return false;
        if (open is null)
            return true;
        // Of several members the last one's content is the end of all. That is rare, and worth another look.
        using var packed = open();
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        return Crc(unpacked, length - last) == BinaryPrimitives.ReadUInt32LittleEndian(trailer);
    }

    private static uint Crc(Stream content, long from)
    {
        var crc = uint.MaxValue;
        var buffer = new byte[64 * 1024];
        long at = 0;
        for (int read; (read = content.Read(buffer)) > 0; at += read)
        {
            foreach (var b in buffer.AsSpan((int)Math.Clamp(from - at, 0, read), read - (int)Math.Clamp(from - at, 0, read)))
                crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        }
        return ~crc;
    }

    private static uint[] MakeTable()
    {
        const uint polynomial = 0xEDB88320;
        var table = new uint[256];
        for (uint n = 0; n < table.Length; n++)
        {
            var crc = n;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? polynomial ^ (crc >> 1) : crc >> 1;
            table[n] = crc;
        }
        return table;
    }
}
