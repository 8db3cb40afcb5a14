using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Detector.Core.Events;

/// <summary>Hashes texts into an identity that is the same on every machine and on every run.</summary>
internal static class IdentityHash
{
    private const int UsualText = 1024;

    /// <summary>Hashes the parts, each preceded by its length so that no two lists of parts collide; 32 lower-case hexadecimal digits.</summary>
    public static string Of(params ReadOnlySpan<string> parts)
    {
        var most = 0;
        foreach (var part in parts)
        {
            most += sizeof(int) + Encoding.UTF8.GetMaxByteCount(part.Length);
        }
        var text = most <= UsualText ? stackalloc byte[UsualText] : new byte[most];
        var length = 0;
        foreach (var part in parts)
        {
            var written = Encoding.UTF8.GetBytes(part, text[(length + sizeof(int))..]);
            BinaryPrimitives.WriteInt32LittleEndian(text[length..], written);
            length += sizeof(int) + written;
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], digest);
        return Convert.ToHexStringLower(digest[..16]);
    }
}
