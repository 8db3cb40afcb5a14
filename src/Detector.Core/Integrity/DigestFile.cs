using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Detector.Core.Events;

namespace Detector.Core.Integrity;

/// <summary>What a digest file says: which log files were delivered in its time, and which digest came before it.</summary>
/// <remarks>CloudTrail User Guide, "CloudTrail digest file structure".</remarks>
public sealed record DigestFile
{
    /// <summary>Bytes of content that a digest may have. CloudTrail's have some hundred kB at most.</summary>
    public const int MaxContent = 64 << 20;

    /// <summary>When the time begins whose log files it names.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The end as it is written, which is what is signed.</summary>
    public required string EndText { get; init; }

    /// <summary>The bucket that it was delivered to.</summary>
    public required string Bucket { get; init; }

    /// <summary>Its key there.</summary>
    public required string Key { get; init; }

    /// <summary>Names the public key that its signature was made for.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The digest before it; null if it is the first after CloudTrail began, or began again, to write digests.</summary>
    public PreviousDigest? Previous { get; init; }

    /// <summary>The signature of the digest before it, which is part of what is signed; null if there is none.</summary>
    public string? PreviousSignature { get; init; }

    /// <summary>The log files that it names.</summary>
    public required IReadOnlyList<DigestLog> Logs { get; init; }

    /// <summary>Reads the unpacked content of a digest file. Never throws on what is in it.</summary>
    /// <param name="content">JSON.</param>
    /// <param name="digest">What it says.</param>
    /// <param name="problem">Why it is none.</param>
    public static bool TryRead(ReadOnlyMemory<byte> content, [NotNullWhen(true)] out DigestFile? digest, [NotNullWhen(false)] out string? problem)
    {
        (digest, problem) = (null, null);
        try
        {
            using var json = JsonDocument.Parse(content);
            digest = Read(json.RootElement);
            return true;
        }
        catch (JsonException e)
        {
            problem = $"it is no JSON: {e.Message}";
        }
        catch (FormatException e)
        {
            problem = e.Message;
        }
        catch (InvalidOperationException)
        {
            problem = "a text in it is no UTF-8";
        }
        return false;
    }

    private static DigestFile Read(JsonElement root)
    {
        if (root.ValueKind is not JsonValueKind.Object)
            throw new FormatException("it is no JSON object");
        Among(root, "digestSignatureAlgorithm", "SHA256withRSA");
        var previous = Optional(root, "previousDigestS3Object");
        return new DigestFile
        {
            Start = Time(root, "digestStartTime"),
            End = Time(root, "digestEndTime"),
            EndText = Text(root, "digestEndTime"),
            Bucket = Text(root, "digestS3Bucket"),
            Key = Text(root, "digestS3Object"),
            Fingerprint = Text(root, "digestPublicKeyFingerprint"),
            Previous = previous is null ? null : Before(root, previous),
            PreviousSignature = root.TryGetProperty("previousDigestSignature", out _)
                ? Optional(root, "previousDigestSignature")
                : throw new FormatException("it has no previousDigestSignature"),
            Logs = [.. Items(root, "logFiles").Select(Log)],
        };
    }

    private static PreviousDigest Before(JsonElement root, string key)
    {
        Among(root, "previousDigestHashAlgorithm", "SHA-256");
        return new PreviousDigest(Optional(root, "previousDigestS3Bucket"), key, Optional(root, "previousDigestHashValue"));
    }

    private static DigestLog Log(JsonElement log)
    {
        if (log.ValueKind is not JsonValueKind.Object)
            throw new FormatException("one of its logFiles is no object");
        Among(log, "hashAlgorithm", "SHA-256");
        return new DigestLog(Text(log, "s3Bucket"), Text(log, "s3Object"), Text(log, "hashValue"));
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement root, string name) =>
        root.TryGetProperty(name, out var items) && items.ValueKind is JsonValueKind.Array
            ? items.EnumerateArray()
            : throw new FormatException($"its {name} is no array");

    private static DateTimeOffset Time(JsonElement root, string name) =>
        CloudTrailTime.TryParse(Encoding.UTF8.GetBytes(Text(root, name)), out var time) ? time : throw new FormatException($"its {name} is no time");

    private static string Text(JsonElement element, string name) => Optional(element, name) ?? throw new FormatException($"it has no {name}");

    private static string? Optional(JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null ? null
        : value.ValueKind is JsonValueKind.String ? value.GetString()
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"its {name} is no text"));

    /// <summary>What is not said is as it always is.</summary>
    private static void Among(JsonElement element, string name, string known)
    {
        if (Optional(element, name) is { } other && !string.Equals(other, known, StringComparison.Ordinal))
            throw new FormatException($"its {name} is not {known}");
    }
}

/// <summary>The digest before another, as that one names it.</summary>
/// <param name="Bucket">Its bucket, if it is told.</param>
/// <param name="Key">Its key.</param>
/// <param name="Hash">SHA-256 of its unpacked content in hexadecimal digits, if it is told.</param>
public sealed record PreviousDigest(string? Bucket, string Key, string? Hash);

/// <summary>A log file as a digest names it.</summary>
/// <param name="Bucket">Its bucket.</param>
/// <param name="Key">Its key.</param>
/// <param name="Hash">SHA-256 of its unpacked content in hexadecimal digits.</param>
public sealed record DigestLog(string Bucket, string Key, string Hash);
