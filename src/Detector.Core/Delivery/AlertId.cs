using System.Security.Cryptography;
using System.Text;

namespace Detector.Core.Delivery;

/// <summary>
/// Identity of an alert, computed from data alone. Removing duplicates, suppressing repeats and not sending twice are one act: the ledger
/// takes an AlertId once.
/// </summary>
/// <param name="Value">32 lower-case hexadecimal digits.</param>
public readonly record struct AlertId(string Value)
{
    /// <summary>Hashes the parts, each preceded by its length so that no two lists of parts collide.</summary>
    public static AlertId Of(params ReadOnlySpan<string> parts)
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
        return new AlertId(Convert.ToHexStringLower(digest[..16]));
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
