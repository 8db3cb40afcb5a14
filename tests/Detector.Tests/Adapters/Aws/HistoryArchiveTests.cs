using System.Net;
using System.Text;
using Amazon.Runtime;
using Detector.Adapters.Aws.History;
using Detector.Adapters.Files;
using Detector.Core.Events;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Aws;

public sealed class HistoryArchiveTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _clock = new(Now);
    private readonly List<UnreadFile> _unread = [];

    [Fact]
    public async Task ListAsync_Pages_AreItemsOfRecordsAndTwoASecond()
    {
        var history = new FakeHistory(_clock, pages: 5);

        var items = await ReadAsync([("eu-west-1", history)]);

        Assert.Equal(["1", "2", "3", "4", "5"], items.Select(item => item.Name.Split('/')[1]));
        Assert.Equal("""[{"n":0},{"n":1}]""", Text(items[0]));
        Assert.Equal([null, "1", "2", "3", "4"], history.Asked.Select(asked => asked.Query.NextToken));
        Assert.All(
            history.Asked.Zip(history.Asked.Skip(1)),
            pair => Assert.True(pair.Second.At - pair.First.At >= TimeSpan.FromMilliseconds(400), "asked too early")
        );
        Assert.True(history.Asked[^1].At - Now >= TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task ListAsync_Regions_TakeTurnsEachAtItsOwnPace()
    {
        var west = new FakeHistory(_clock, pages: 3);
        var east = new FakeHistory(_clock, pages: 1);

        var items = await ReadAsync([("eu-west-1", west), ("us-east-1", east)]);

        Assert.Equal(["cloudtrail:eu-west-1/1", "cloudtrail:us-east-1/1", "cloudtrail:eu-west-1/2", "cloudtrail:eu-west-1/3"], items.Select(item => item.Name));
        Assert.Equal(Now, east.Asked[0].At);
        Assert.Equal(Now, west.Asked[0].At);
    }

    [Fact]
    public async Task ListAsync_Throttled_IsAskedAgainLater()
    {
        var history = new FakeHistory(_clock, pages: 2);
        history.WillFail(3, "ThrottlingException", HttpStatusCode.BadRequest);

        var items = await ReadAsync([("eu-west-1", history)]);

        Assert.Equal(2, items.Count);
        Assert.Empty(_unread);
        // Waits of 1, 2 and 4 seconds, each shortened by up to half.
        Assert.True(history.Asked[3].At - Now >= TimeSpan.FromSeconds(3.5));
    }

    [Fact]
    public async Task ListAsync_Denied_IsToldAndOtherRegionsGoOn()
    {
        var denied = new FakeHistory(_clock, pages: 2);
        denied.WillFail(1, "AccessDeniedException", HttpStatusCode.BadRequest);

        var items = await ReadAsync([("eu-west-1", denied), ("us-east-1", new FakeHistory(_clock, pages: 2))]);

        Assert.Equal(["cloudtrail:us-east-1/1", "cloudtrail:us-east-1/2"], items.Select(item => item.Name));
        var unread = Assert.Single(_unread);
        Assert.Equal("cloudtrail:eu-west-1", unread.Path);
        Assert.Contains("AccessDeniedException", unread.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_ThrottledForEver_IsGivenUpAndTold()
    {
        var history = new FakeHistory(_clock, pages: 1);
        history.WillFail(100, "ThrottlingException", HttpStatusCode.BadRequest);

        await ReadAsync([("eu-west-1", history)]);

        Assert.Single(_unread);
        Assert.Equal(8, history.Asked.Count);
    }

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData("2025-01-01T00:00:00Z", null, "2025-12-04T00:00:00Z", null)]
    public async Task ListAsync_TimeRange_IsAskedForAsFarAsItIsKept(string? from, string? to, string? askedFrom, string? askedTo)
    {
        var history = new FakeHistory(_clock, pages: 1);

        await ReadAsync([("eu-west-1", history)], new TimeRange(At(from), At(to)));

        Assert.Equal(new HistoryQuery(At(askedFrom), At(askedTo)), history.Asked[0].Query);
    }

    [Fact]
    public async Task ListAsync_TimesBeforeAllThatIsKept_AsksNothing()
    {
        var history = new FakeHistory(_clock, pages: 1);

        Assert.Empty(await ReadAsync([("eu-west-1", history)], new TimeRange(null, Now.AddDays(-91))));
        Assert.Empty(history.Asked);
    }

    private static DateTimeOffset? At(string? text) => text is null ? null : DateTimeOffset.Parse(text, null);

    private async Task<List<TrailItem>> ReadAsync((string, ITrailHistory)[] regions, TimeRange within = default)
    {
        var archive = new HistoryArchive(regions, within, _clock, new Random(1));
        // Away from the test's own context, so that what waits goes on within the step that ends its wait; and begun before time passes.
        var reading = await Task.Factory.StartNew(
            async () => await archive.ListAsync(_unread.Add, TestContext.Current.CancellationToken).ToListAsync(),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );
        await _clock.UntilAsync(() => reading.IsCompleted, Step, most: TimeSpan.FromMinutes(10));
        return await reading;
    }

    private static string Text(TrailItem item)
    {
        using var reader = new StreamReader(item.Open(TestContext.Current.CancellationToken), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Pages of two records.</summary>
    private sealed class FakeHistory(TimeProvider clock, int pages) : ITrailHistory
    {
        private (int Times, AmazonServiceException? Error) _failing;

        public List<(DateTimeOffset At, HistoryQuery Query)> Asked { get; } = [];

        public void WillFail(int times, string code, HttpStatusCode status) =>
            _failing = (times, new AmazonServiceException("no", null, ErrorType.Sender, code, "r", status));

        public Task<HistoryPage> LookupAsync(HistoryQuery query, CancellationToken cancellation)
        {
            Asked.Add((clock.GetUtcNow(), query));
            if (_failing.Times-- > 0)
                throw _failing.Error!;
            var page = int.Parse(query.NextToken ?? "0", null);
            return Task.FromResult(new HistoryPage([$$"""{"n":{{page * 2}}}""", $$"""{"n":{{(page * 2) + 1}}}"""], page + 1 < pages ? $"{page + 1}" : null));
        }

        public void Dispose() { }
    }
}
