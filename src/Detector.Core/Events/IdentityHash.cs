using System.Security.Cryptography;
using System.Text;

namespace Detector.Core.Events;

/// <summary>Hashes texts into an identity that is the same on every machine and on every run.</summary>
internal static class IdentityHash
{
    /// <summary>Hashes the parts, each preceded by its length so that no two lists of parts collide; 32 lower-case hexadecimal digits.</summary>
    public static string Of(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return Convert.ToHexStringLower(digest[..16]);
    }
}
