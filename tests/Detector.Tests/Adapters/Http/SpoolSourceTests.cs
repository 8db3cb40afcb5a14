using System.Text;
using Detector.Adapters.Http;
using Detector.Core;
using Detector.Core.Events;
using Detector.Tests.Adapters.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Http;

public sealed class SpoolSourceTests : IAsyncLifetime, IProgress<Notice>
{
    private readonly Scratch _scratch = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2025, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Spool _spool = null!;
    private IAsyncEnumerator<EventBatch> _batches = null!;

    void IProgress<Notice>.Report(Notice value) { }

    public ValueTask InitializeAsync()
    {
        _spool = Spool.Open(_scratch.File("spool.db"), _time, this);
        _batches = new SpoolSource(_spool, _time).ReadAsync(_stopping.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _batches.DisposeAsync();
        await _spool.DisposeAsync();
        _stopping.Dispose();
        _scratch.Dispose();
    }

    private async Task Append(string body) => await _spool.AppendAsync(Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);

    private async Task<EventBatch> Next()
    {
        Assert.True(await _batches.MoveNextAsync());
        return _batches.Current;
    }

    [Fact]
    public async Task Read_OneWaiting_GivesItAndThenSaysIdle()
    {
        await Append("{}");

        var batch = await Next();
        var idle = await Next();

        Assert.Equal(("intake:1", "{}"), (batch.Origin, Encoding.UTF8.GetString(batch.Content.Span)));
        Assert.Equal(_time.GetUtcNow(), batch.SentAt);
        Assert.True(idle.IsIdle);
    }

    [Fact]
    public async Task Read_AppendedWhileWaiting_WakesWithoutTheClock()
    {
        Assert.True((await Next()).IsIdle);
        var waiting = Next();

        await Append("{}");

        Assert.Equal("intake:1", (await waiting).Origin);
    }

    [Fact]
    public async Task Read_NothingComes_SaysIdleEverySecond()
    {
        Assert.True((await Next()).IsIdle);
        var waiting = Next();
        Assert.False(waiting.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await waiting).IsIdle);
    }

    [Fact]
    public async Task Read_Stopping_CompletesWithoutThrowing()
    {
        Assert.True((await Next()).IsIdle);
        var waiting = _batches.MoveNextAsync();

        await _stopping.CancelAsync();

        Assert.False(await waiting);
    }

    [Fact]
    public async Task Receipt_SettledTwice_CountsOnce()
    {
        await Append("{}");
        var batch = await Next();

        await batch.Receipt.ReturnAsync(TestContext.Current.CancellationToken);
        await batch.Receipt.ReturnAsync(TestContext.Current.CancellationToken);
        await batch.Receipt.AckAsync(TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("intake:1", (await Next()).Origin);
        Assert.True((await Next()).IsIdle);
    }

    [Fact]
    public async Task Receipt_Acknowledged_IsGoneAfterAReopening()
    {
        await Append("{}");
        await (await Next()).Receipt.AckAsync(TestContext.Current.CancellationToken);

        await _spool.DisposeAsync();

        Assert.Equal(0L, Scratch.Ask(_scratch.File("spool.db"), "SELECT count(*) FROM items"));
    }
}
