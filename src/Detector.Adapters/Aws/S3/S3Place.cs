using System.Diagnostics.CodeAnalysis;

namespace Detector.Adapters.Aws.S3;

/// <summary>Part of a bucket: the keys that begin so. As in S3 itself the prefix <c>a</c> also means <c>ab/c</c>; a folder is meant by <c>a/</c>.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Prefix">How its keys begin; empty for all.</param>
public sealed record S3Place(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <summary>Whether a text is meant as a place in S3, right or wrong.</summary>
    public static bool IsMeant(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>s3://bucket/prefix</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out S3Place? place)
    {
        place = null;
        if (!IsMeant(text))
            return false;
        var rest = text[Scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        if (bucket.Length is < 3 or > 63 || !bucket.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_'))
            return false;
        place = new S3Place(bucket, slash < 0 ? "" : rest[(slash + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}";
}
