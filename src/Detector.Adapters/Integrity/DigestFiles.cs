using System.Runtime.CompilerServices;
using System.Text.Json;
using Detector.Adapters.Files;
using Detector.Core.Events;
using Detector.Core.Integrity;

namespace Detector.Adapters.Integrity;

/// <summary>
/// Digest files on a disk. A copy has lost its signature, which S3 keeps beside the object; <c>FILE.head.json</c>, the answer of <c>aws s3api head-object</c>, brings it
/// back.
/// </summary>
/// <param name="paths">Files and folders.</param>
/// <param name="scope">What is wanted.</param>
public sealed class DigestFiles(IReadOnlyList<string> paths, TrailScope scope) : IDigestArchive
{
    private const long MaxHead = 1 << 20;

    /// <inheritdoc/>
    public async IAsyncEnumerable<DigestItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var item in new TrailFiles(paths, scope).ListAsync(unreadable, cancellation))
        {
            var key = KeyOf(item.Name);
            if (TrailPath.Of(key).IsDigest)
                yield return new Item(item, new ObjectPlace(null, key));
        }
    }

    /// <summary>A path as a key is written.</summary>
    public static string KeyOf(string path) => path.Replace(Path.DirectorySeparatorChar, '/');

    private static DigestSeal Seal(string file)
    {
        var head = new FileInfo(file + TrailPath.Head);
        if (head is not { Exists: true, Length: <= MaxHead })
            return default;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(head.FullName));
            if (json.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("Metadata", out var metadata))
                return default;
            if (metadata.ValueKind is not JsonValueKind.Object)
                return default;
            return new DigestSeal(Text(metadata, "signature"), Text(metadata, "signature-algorithm"), Time(Text(metadata, "backfill-generation-timestamp")));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // It says nothing then, and the digest is one without a signature.
            return default;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    internal static DateTimeOffset? Time(string? text) =>
        text is not null && CloudTrailTime.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var time) ? time : null;

    private sealed class Item(TrailItem item, ObjectPlace place) : DigestItem(item.Name, place)
    {
        public override Task<(Stream Content, DigestSeal Seal)> OpenAsync(CancellationToken cancellation) =>
            Task.FromResult((item.Open(cancellation), Seal(item.Name)));
    }
}
