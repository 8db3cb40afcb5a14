namespace Detector.Adapters.Files;

/// <summary>Knows files that people put beside trails, and that are no JSON, by their first bytes: one word on them says more than a loss for each line.</summary>
internal static class OtherFormat
{
    /// <summary>What a file is, and what to do about it, in words for a person; null if it may be a trail.</summary>
    public static string? Of(ReadOnlySpan<byte> beginning) =>
        beginning switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] => Packed("zip archive"),
            [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] => Packed("bzip2 file"),
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => Packed("xz file"),
            [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => Packed("7-Zip archive"),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Packed("zstd file"),
            [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => "a Parquet file, which is not read: export it as JSON",
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => "UTF-16 text, which is not read: CloudTrail writes UTF-8",
            _ => null,
        };

    private static string Packed(string what) => $"a {what}, which is not read: unpack it first";
}
