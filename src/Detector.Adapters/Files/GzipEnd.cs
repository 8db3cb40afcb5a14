using System.Buffers.Binary;

namespace Detector.Adapters.Files;

/// <summary>Knows gzip by its first bytes, and a whole gzip file by its last. The platform's own stream ends without a word where a file is cut off.</summary>
/// <remarks>RFC 1952, section 2.3: a member ends with the CRC-32 and the length (modulo 2^32) of what it holds.</remarks>
internal static class GzipEnd
{
    private const int Trailer = 8;

    private static readonly uint[] Table = MakeTable();

    /// <summary>Whether a file begins as gzip does. Leaves the stream at its start.</summary>
    public static bool IsGzip(Stream stream)
    {
        Span<byte> magic = stackalloc byte[2];
        var isGzip = stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
        stream.Position = 0;
        return isGzip;
    }

    /// <summary>Whether a file's last member is whole, given what all its members hold. Leaves the stream at its end.</summary>
    public static bool IsWhole(Stream stream, ReadOnlySpan<byte> content)
    {
        if (stream.Length < Trailer)
            return false;
        Span<byte> trailer = stackalloc byte[Trailer];
        stream.Seek(-Trailer, SeekOrigin.End);
        stream.ReadExactly(trailer);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        // Of one member the length tells enough. Of several, the last one's content is the end of all.
        return length == content.Length || (length < content.Length && Crc(content[^(int)length..]) == BinaryPrimitives.ReadUInt32LittleEndian(trailer));
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
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
