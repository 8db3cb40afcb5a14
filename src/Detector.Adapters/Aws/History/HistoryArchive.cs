using System.Runtime.CompilerServices;
using System.Text;
using Detector.Adapters.Files;
using Detector.Core.Events;

namespace Detector.Adapters.Aws.History;

/// <summary>
/// CloudTrail's event history as an archive: each page of LookupEvents is an item, the regions take turns. Two calls a second are allowed in an account and region;
/// that is kept for each region by itself.
/// </summary>
/// <param name="regions">The regions and their clients; these stay the caller's to dispose.</param>
/// <param name="within">When the wanted events happened.</param>
/// <param name="time">The clock of the pace and of waits.</param>
/// <param name="random">Spreads the waits between tries.</param>
public sealed class HistoryArchive(IReadOnlyList<(string Region, ITrailHistory History)> regions, TimeRange within, TimeProvider time, Random random)
    : ITrailArchive
{
    /// <summary>How far back the history goes.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private const int Tries = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public async IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var oldest = time.GetUtcNow() - Kept;
        if (within.To < oldest || within.To < within.From)
            yield break;
        // Older times are answered, but by some endpoints with an error.
        var query = new HistoryQuery(within.From < oldest ? oldest : within.From, within.To);
        var readers = regions.Select(one => new Reader(one.Region, one.History, query, this, unreadable, cancellation)).ToList();
        while (readers.Count > 0)
        {
            foreach (var reader in readers.ToArray())
            {
                if (await reader.NextAsync() is { } item)
                    yield return item;
                if (reader.IsAtEnd)
                    readers.Remove(reader);
            }
        }
    }

    /// <summary>One region's pages; the next is asked for while the last is read.</summary>
    private sealed class Reader
    {
        private readonly string _region;
        private readonly ITrailHistory _history;
        private readonly HistoryQuery _query;
        private readonly HistoryArchive _archive;
        private readonly Action<UnreadFile> _unreadable;
        private readonly CancellationToken _cancellation;
        private readonly Pace _pace;
        private readonly Backoff _backoff;
        private Task<HistoryPage>? _next;
        private int _number;

        public Reader(
            string region,
            ITrailHistory history,
            HistoryQuery query,
            HistoryArchive archive,
            Action<UnreadFile> unreadable,
            CancellationToken cancellation
        )
        {
            (_region, _history, _query, _archive, _unreadable, _cancellation) = (region, history, query, archive, unreadable, cancellation);
            _pace = new Pace(Interval, archive.Time);
            _backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), archive.Random);
            _next = LookupAsync(query);
        }

        public bool IsAtEnd => _next is null;

        /// <returns>Null if the page holds nothing, or could not be had, which is told.</returns>
        public async Task<TrailItem?> NextAsync()
        {
            _number++;
            try
            {
                var page = await _next!;
                _next = page.NextToken is null ? null : LookupAsync(_query with { NextToken = page.NextToken });
                return page.Records.Count == 0 ? null : new PageItem($"cloudtrail:{_region}/{_number}", page.Records);
            }
            catch (Exception exception) when (!_cancellation.IsCancellationRequested)
            {
                _next = null;
                _unreadable(
                    new UnreadFile($"cloudtrail:{_region}", 0, $"page {_number} and what is behind it cannot be looked up: {AwsFault.Of(exception).Text}")
                );
                return null;
            }
        }

        private async Task<HistoryPage> LookupAsync(HistoryQuery query)
        {
            for (var failures = 1; ; failures++)
            {
                await _pace.WaitAsync(_cancellation);
                try
                {
                    return await _history.LookupAsync(query, _cancellation);
                }
                catch (Exception exception) when (!_cancellation.IsCancellationRequested && failures < Tries && !AwsFault.Of(exception).NeedsSomebody)
                {
                    // Throttling, chiefly: others look things up in the account too.
                }
                await Task.Delay(_backoff.After(failures), _archive.Time, _cancellation);
            }
        }
    }

    private TimeProvider Time => time;

    private Random Random => random;

    private sealed class PageItem : TrailItem
    {
        private readonly byte[] _content;

        public PageItem(string name, IReadOnlyList<string> records)
            : this(name, Encoding.UTF8.GetBytes($"[{string.Join(',', records)}]")) { }

        private PageItem(string name, byte[] content)
            : base(name, content.Length) => _content = content;

        public override Stream Open(CancellationToken cancellation) => new MemoryStream(_content, writable: false);
    }
}
