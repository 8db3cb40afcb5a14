using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Detector.Adapters.Files;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// Lists the keys of a place that may be wanted. In CloudTrail's layout it goes down folder by folder, many at once, and never asks for an account, a region or a
/// day that is not wanted; a month that is wanted whole, and whatever has another layout, is asked for flat.
/// </summary>
internal sealed class S3Listing(IAmazonS3 s3, S3Place place, TrailScope scope)
{
    /// <summary>Lists under way or waiting for their turn to be told; each holds a thousand keys at most.</summary>
    private const int AtOnce = 16;

    /// <summary>How many levels above <c>AWSLogs</c> are looked into folder by folder, and how many folders a level may have for that.</summary>
    private const int Levels = 3;

    private const int Folders = 100;

    /// <summary>The objects, in the order of folders; the order is the same each time. Each page of a listing that fails is told, and the rest goes on.</summary>
    public async IAsyncEnumerable<S3Object> ReadAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // In the order of telling. Whatever a page leads to takes its place, so the front is always what comes next.
        var pages = new LinkedList<Page>();
        pages.AddFirst(Begin(place.Prefix, Levels));
        while (pages.First is { } first)
        {
            foreach (var page in pages.Take(AtOnce))
                page.Answer ??= ListAsync(page, cancellation);
            if (!first.Value.Answer!.IsCompleted)
                await Task.WhenAny(pages.Take(AtOnce).Where(page => !page.IsExpanded).Select(page => page.Answer!));
            Expand(pages);
            if (!first.Value.IsExpanded)
                continue;
            pages.Remove(first);
            await foreach (var found in TellAsync(first.Value, unreadable, cancellation))
                yield return found;
        }
    }

    /// <summary>Puts behind each page that has come what it leads to.</summary>
    private void Expand(LinkedList<Page> pages)
    {
        var left = AtOnce;
        for (var node = pages.First; node is not null && left > 0; node = node.Next, left--)
        {
            if (node.Value.IsExpanded || node.Value.Answer is not { IsCompleted: true } answer)
                continue;
            node.Value.IsExpanded = true;
            if (!answer.IsCompletedSuccessfully)
                continue;
            var at = node;
            foreach (var next in Next(node.Value, answer.Result))
                at = pages.AddAfter(at, next);
        }
    }

    private IEnumerable<Page> Next(Page page, ListObjectsV2Response answer)
    {
        var folders = answer.CommonPrefixes ?? [];
        var levels = folders.Count > Folders || answer.IsTruncated is true ? 0 : page.Levels - 1;
        foreach (var folder in folders.Where(folder => scope.MayHold(TrailPath.Of(folder))))
            yield return Begin(folder, levels);
        if (answer.IsTruncated is true)
            yield return page.After(answer.NextContinuationToken);
    }

    private Page Begin(string prefix, int levels)
    {
        var path = TrailPath.Of(prefix);
        var byFolder = path.Depth switch
        {
            TrailDepth.None => levels > 0,
            TrailDepth.Month => !scope.Covers(path.Delivered),
            TrailDepth.Day => false,
            _ => true,
        };
        return new Page(prefix, levels, byFolder, null);
    }

    private async Task<ListObjectsV2Response> ListAsync(Page page, CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = place.Bucket,
            Prefix = page.Prefix,
            Delimiter = page.ByFolder ? "/" : null,
            ContinuationToken = page.Token,
        };
        return await s3.ListObjectsV2Async(request, cancellation);
    }

    private async IAsyncEnumerable<S3Object> TellAsync(Page page, Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ListObjectsV2Response answer;
        try
        {
            answer = await page.Answer!;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            unreadable(new UnreadFile($"s3://{place.Bucket}/{page.Prefix}", 0, $"cannot be listed: {AwsFault.Of(exception).Text}"));
            yield break;
        }
        foreach (var found in answer.S3Objects ?? [])
        {
            // Consoles make empty objects that stand for folders.
            if (!found.Key.EndsWith('/') && scope.MayHold(TrailPath.Of(found.Key)))
                yield return found;
        }
    }

    /// <summary>One page of a listing.</summary>
    private sealed record Page(string Prefix, int Levels, bool ByFolder, string? Token)
    {
        public Task<ListObjectsV2Response>? Answer { get; set; }

        public bool IsExpanded { get; set; }

        public Page After(string token) => new(Prefix, Levels, ByFolder, token);
    }
}
