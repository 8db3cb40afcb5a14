using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Detector.Core.Events;
using Detector.Tests.Delivery;

namespace Detector.Tests.Events;

public sealed class MergedSourceTests : IAsyncDisposable
{
    private readonly HandFed _a = new("a", TimeSpan.FromMinutes(2));
    private readonly HandFed _b = new("b", TimeSpan.FromMinutes(20));
    private readonly CancellationTokenSource _stopping = new();
    private readonly IAsyncEnumerator<EventBatch> _merged;

    public MergedSourceTests() => _merged = new MergedSource([_a, _b]).ReadAsync(_stopping.Token).GetAsyncEnumerator();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _stopping.Dispose();
    }

    [Fact]
    public void Lateness_OfSeveral_IsTheLongest()
    {
        var merged = new MergedSource([_a, _b]);

        Assert.Equal(("a+b", TimeSpan.FromMinutes(20)), (merged.Name, merged.Lateness));
    }

    [Fact]
    public async Task Read_BatchesOfOneSource_KeepTheirOrder()
    {
        _a.Send("1", "2", "3");

        Assert.Equal(["a1", "a2", "a3"], [await NextAsync(), await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public async Task Read_OneIsIdle_SaysNothing()
    {
        _a.Send("", "1");

        Assert.Equal("a1", await NextAsync());
    }

    [Fact]
    public async Task Read_AllAreIdle_IsIdle()
    {
        _a.Send("");
        _b.Send("");

        Assert.Equal("idle", await NextAsync());
    }

    [Fact]
    public async Task Read_OneIsBusyAgain_IsNotIdleUntilItSaysSo()
    {
        _a.Send("");
        _b.Send("");
        var first = await NextAsync();
        _b.Send("1");
        var second = await NextAsync();
        _a.Send("", "2");
        var third = await NextAsync();

        Assert.Equal(["idle", "b1", "a2"], [first, second, third]);
    }

    [Fact]
    public async Task Read_OneHasEnded_TheOtherDecidesWhatIsIdle()
    {
        _a.Send("1");
        var first = await NextAsync();
        _a.End();
        _b.Send("");

        Assert.Equal(["a1", "idle"], [first, await NextAsync()]);
    }

    [Fact]
    public async Task Read_AllHaveEnded_Ends()
    {
        _a.End();
        _b.Send("1");
        _b.End();

        var seen = new List<string>();
        while (await _merged.MoveNextAsync().AsTask().WaitAsync(Doubles.Patience, TestContext.Current.CancellationToken))
        {
            seen.Add(_merged.Current.Origin);
        }

        Assert.Contains("b1", seen);
    }

    [Fact]
    public async Task Read_Stopped_YieldsWhatTheSourcesStillBring()
    {
        _a.OnStop = ["8", "9"];
        _a.Send("1");
        var first = await NextAsync();

        await _stopping.CancelAsync();

        Assert.Equal(["a1", "a8", "a9"], [first, await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public async Task Read_OneThrows_EndsTheOthersAndThrows()
    {
        _b.OnStop = ["7"];
        _a.Fail(new IOException("gone"));

        var last = await NextAsync();
        // An idle word may come before.
        while (last != "b7")
        {
            last = await NextAsync();
        }

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await _merged.MoveNextAsync().AsTask().WaitAsync(Doubles.Patience, TestContext.Current.CancellationToken)) { }
        });
    }

    private async Task<string> NextAsync()
    {
        Assert.True(await _merged.MoveNextAsync().AsTask().WaitAsync(Doubles.Patience, TestContext.Current.CancellationToken));
        return _merged.Current.IsIdle ? "idle" : _merged.Current.Origin;
    }

    /// <summary>A source that yields what it is given; an empty text is idle.</summary>
    private sealed class HandFed(string name, TimeSpan lateness) : IEventSource
    {
        private readonly Channel<string> _batches = Channel.CreateUnbounded<string>();

        public string Name => name;

        public TimeSpan Lateness => lateness;

        public string[] OnStop { get; set; } = [];

        public void Send(params string[] batches) => Array.ForEach(batches, batch => _batches.Writer.TryWrite(batch));

        public void End() => _batches.Writer.Complete();

        public void Fail(Exception error) => _batches.Writer.Complete(error);

        public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
        {
            while (await MoreAsync(stopping))
            {
                while (_batches.Reader.TryRead(out var batch))
                {
                    yield return Batch(batch);
                }
            }
            foreach (var batch in stopping.IsCancellationRequested ? OnStop : [])
            {
                yield return Batch(batch);
            }
        }

        private async Task<bool> MoreAsync(CancellationToken stopping)
        {
            try
            {
                return await _batches.Reader.WaitToReadAsync(stopping);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        private EventBatch Batch(string batch) => batch.Length == 0 ? EventBatch.Idle : new EventBatch(name + batch, "{}"u8.ToArray(), Receipt.None);
    }
}
