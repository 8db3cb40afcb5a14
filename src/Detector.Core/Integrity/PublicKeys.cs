using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Detector.Core.Events;

namespace Detector.Core.Integrity;

/// <summary>The public keys of CloudTrail's that digests may be signed for.</summary>
public sealed class PublicKeys
{
    // A digest is signed soon after its time has ended.
    private static readonly TimeSpan Soon = TimeSpan.FromHours(2);

    private readonly Dictionary<string, List<PublicKey>> _keys = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="keys">Each once; regions have keys of their own.</param>
    public PublicKeys(IEnumerable<PublicKey> keys)
    {
        foreach (var key in keys)
        {
            if (!_keys.TryGetValue(key.Fingerprint, out var same))
                _keys.Add(key.Fingerprint, same = []);
            same.Add(key);
        }
    }

    /// <summary>No key: no signature can be checked.</summary>
    public static PublicKeys None { get; } = new([]);

    /// <summary>Whether there is none.</summary>
    public bool AreNone => _keys.Count == 0;

    /// <summary>Reads what <c>aws cloudtrail list-public-keys</c> answers.</summary>
    /// <exception cref="FormatException">It is something else; the message tells what.</exception>
    public static IReadOnlyList<PublicKey> Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            if (json.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("PublicKeyList", out var list))
                throw new FormatException("there is no PublicKeyList");
            return list.ValueKind is JsonValueKind.Array ? [.. list.EnumerateArray().Select(Key)] : throw new FormatException("PublicKeyList is no array");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("it is no JSON", e);
        }
    }

    /// <summary>Why a signature does not prove a digest; null if it does.</summary>
    /// <param name="digest">The digest.</param>
    /// <param name="content">SHA-256 of its unpacked content.</param>
    /// <param name="signature">In hexadecimal digits.</param>
    /// <param name="signedAt">When it was signed, if that is known not to have been soon after its time.</param>
    public string? WhatIsWrong(DigestFile digest, ReadOnlySpan<byte> content, string signature, DateTimeOffset? signedAt)
    {
        if (!_keys.TryGetValue(digest.Fingerprint, out var keys))
            return $"it is signed for the key {digest.Fingerprint}, which is none of CloudTrail's public keys that are at hand";
        if (!keys.Exists(key => key.IsValid(signedAt ?? digest.Start, signedAt ?? digest.End + Soon)))
            return $"it is signed for the key {digest.Fingerprint}, which was not valid then";
        byte[] bytes;
        try
        {
            bytes = Convert.FromHexString(signature);
        }
        catch (FormatException)
        {
            return "its signature is not written in hexadecimal digits";
        }
        var signed = Encoding.UTF8.GetBytes(
            $"{digest.EndText}\n{digest.Bucket}/{digest.Key}\n{Convert.ToHexStringLower(content)}\n{digest.PreviousSignature ?? "null"}"
        );
        return keys.Exists(key => key.Fits(signed, bytes)) ? null : "its signature does not fit what it holds";
    }

    private static PublicKey Key(JsonElement key)
    {
        if (key.ValueKind is not JsonValueKind.Object)
            throw new FormatException("a public key is no object");
        var fingerprint = Text(key, "Fingerprint") ?? throw new FormatException("a public key has no Fingerprint");
        try
        {
            var value = Convert.FromBase64String(Text(key, "Value") ?? throw new FormatException());
            return new PublicKey(fingerprint, value, new TimeRange(Time(key, "ValidityStartTime"), Time(key, "ValidityEndTime")));
        }
        catch (FormatException e)
        {
            throw new FormatException($"the Value of the public key {fingerprint} is no base64", e);
        }
    }

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>The service tells seconds since 1970, the AWS CLI a text.</summary>
    private static DateTimeOffset? Time(JsonElement key, string name) =>
        !key.TryGetProperty(name, out var value) ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetDecimal(out var seconds) && seconds is >= 0 and < 253_402_300_799m
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
        : Text(key, name) is { } text && CloudTrailTime.TryParse(Encoding.UTF8.GetBytes(text), out var time) ? time
        : null;
}

/// <summary>A public key of CloudTrail's.</summary>
/// <param name="Fingerprint">Names it in digests.</param>
/// <param name="Value">The key: PKCS #1, DER.</param>
/// <param name="Valid">When digests are signed for it.</param>
/// <remarks>CloudTrail API reference, "PublicKey".</remarks>
public sealed record PublicKey(string Fingerprint, ReadOnlyMemory<byte> Value, TimeRange Valid)
{
    /// <summary>Whether it was valid at some time of a span.</summary>
    public bool IsValid(DateTimeOffset from, DateTimeOffset to) => !(Valid.To < from) && !(Valid.From > to);

    /// <summary>Whether a signature (SHA256withRSA) is that of some bytes. One that is no key fits nothing.</summary>
    public bool Fits(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportRSAPublicKey(Value.Span, out _);
            return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
