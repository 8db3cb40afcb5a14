using System.Text;
using Detector.Adapters.Http;
using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Tests.Adapters.Sqlite;

namespace Detector.Tests.Adapters.Http;

public sealed class SpoolTests : IAsyncLifetime, IProgress<Notice>
{
    private readonly Scratch _scratch = new();
    private readonly WallClock _time = new(new DateTimeOffset(2025, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly List<Notice> _notices = [];
    private Spool _spool = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => _scratch.File("spool.db");

    void IProgress<Notice>.Report(Notice value) => _notices.Add(value);

    public ValueTask InitializeAsync()
    {
        _spool = Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _spool.DisposeAsync();
        _scratch.Dispose();
    }

    private Spool Open(long maxBytes = 1_000) => Spool.Open(File, _time, this, maxBytes);

    private async Task Reopen(long maxBytes = 1_000)
    {
        await _spool.DisposeAsync();
        _spool = Open(maxBytes);
    }

    private async Task<long?> Append(string body) => await _spool.AppendAsync(Encoding.UTF8.GetBytes(body), Cancel);

    private string? Take() => _spool.Take() is { } item ? Encoding.UTF8.GetString(item.Body) : null;

    [Fact]
    public async Task Take_SeveralAppended_GivesEachOnceInOrder()
    {
        await Append("a");
        await Append("b");

        Assert.Equal(["a", "b", null, null], [Take(), Take(), Take(), Take()]);
        await Append("c");
        Assert.Equal("c", Take());
    }

    [Fact]
    public async Task Append_Returned_IsInTheFileAsACrashWouldLeaveIt()
    {
        await Append("a");

        var copy = _scratch.CopyOf(File);

        Assert.Equal("a", Scratch.Ask(copy, "SELECT CAST(body AS TEXT) FROM items"));
    }

    [Fact]
    public async Task Open_AfterACrash_GivesTheUnacknowledgedAgainInOrder()
    {
        foreach (var body in (string[])["a", "b", "c"])
            await Append(body);
        Take();
        _spool.Acknowledge(_spool.Take()!);
        await Reopen();

        Assert.Equal(["a", "c", null], [Take(), Take(), Take()]);
    }

    [Fact]
    public async Task Append_AfterTheNewestWasRemoved_IsStillFound()
    {
        await Append("a");
        await _spool.RemoveAsync(_spool.Take()!);

        // A number used again would lie behind the place that reading has come to.
        await Append("b");

        Assert.Equal("b", Take());
    }

    [Fact]
    public async Task Append_Full_TakesNothingUntilThereIsRoom()
    {
        await Append(new string('a', 600));

        var refused = await Append(new string('b', 401));
        var fits = await Append(new string('c', 400));
        await _spool.RemoveAsync(_spool.Take()!);
        var again = await Append(new string('d', 600));

        Assert.Equal((null, 2L, 3L), (refused, fits, again));
    }

    [Fact]
    public async Task Append_ReopenedFull_CountsWhatIsThere()
    {
        await Append(new string('a', 600));
        await Reopen();

        Assert.Null(await Append(new string('b', 401)));
    }

    [Fact]
    public async Task Return_ComesAgainLaterAndLaterAndIsThenSetAside()
    {
        await Append("poison");
        await Append("good");
        var waits = new List<TimeSpan>();
        var item = _spool.Take()!;

        while (waits.Count < 4)
        {
            var since = _time.GetUtcNow();
            await _spool.ReturnAsync(item);
            SpoolItem? next;
            while ((next = _spool.Take()) is not { Id: 1 })
                _time.Advance(TimeSpan.FromSeconds(5));
            waits.Add(_time.GetUtcNow() - since);
            item = next;
        }
        await _spool.ReturnAsync(item);

        Assert.Equal([10, 20, 40, 80], waits.Select(wait => (int)wait.TotalSeconds));
        Assert.Equal(
            $"1 poison 5 {_time.GetUtcNow().UtcTicks}",
            Scratch.Ask(File, "SELECT concat_ws(' ', id, CAST(body AS TEXT), returns, set_aside_at) FROM dead")
        );
        Assert.Equal("good", Scratch.Ask(File, "SELECT group_concat(CAST(body AS TEXT)) FROM items"));
        Assert.Contains("item 1 came back 5 times", Assert.Single(_notices).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public async Task Return_WallClockIsSet_ComesAgainWhenItWouldHave(int hours)
    {
        await Append("again");
        await _spool.ReturnAsync(_spool.Take()!);

        _time.Off = TimeSpan.FromHours(hours);
        var early = Take();
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((null, "again"), (early, Take()));
    }

    [Fact]
    public async Task Return_CountedAcrossRestarts_IsSetAsideAllTheSame()
    {
        await Append("poison");
        for (var i = 0; i < Spool.MaxReturns; i++)
        {
            await _spool.ReturnAsync(_spool.Take()!);
            await Reopen();
        }

        Assert.Null(Take());
        Assert.Equal(1L, Scratch.Ask(File, "SELECT count(*) FROM dead"));
    }

    [Fact]
    public async Task Return_TooMuchSetAside_DropsTheOldestAndSaysSo()
    {
        foreach (var body in (string[])[new('a', 150), new('b', 150)])
        {
            await Append(body);
            await _spool.ReturnAsync(_spool.Take()! with { Returns = 4 });
        }

        Assert.Equal(2L, Scratch.Ask(File, "SELECT id FROM dead"));
        Assert.Contains(_notices, notice => notice.Message.StartsWith("1 items set aside earlier were dropped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Append_ManyCallers_KeepsAllOfThem()
    {
        await Reopen(1_000_000);

        var ids = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Append($"{i}")));

        Assert.Equal(Enumerable.Range(1, 500).Select(id => (long?)id), ids.Order());
        Assert.Equal(500, Enumerable.Range(0, 500).Select(_ => Take()).Distinct().Count(body => body is not null));
    }

    [Fact]
    public async Task Open_ALedgersFile_IsRefused()
    {
        await Detector.Adapters.Ledgers.SqliteLedger.Open(_scratch.File("ledger.db"), "me", _time, this).DisposeAsync();

        var error = Assert.Throws<StorageException>(() => Spool.Open(_scratch.File("ledger.db"), _time, this));

        Assert.Equal(StorageFault.Foreign, error.Fault);
    }

    [Fact]
    public async Task Use_DamagedWhileItRuns_GoesOnWithAnotherFileAndTakesNothingOfItForDone()
    {
        await Reopen(maxBytes: 1_000_000);
        for (var number = 0; number < 100; number++)
            await Append($"{number} {new string('x', 1_000)}");
        var old = _spool.Take()!;
        Damage();
        Assert.Throws<StorageException>(() => Enumerable.Range(0, 100).Count(_ => _spool.Take() is null));

        Assert.NotNull(await Append("new"));
        await _spool.RemoveAsync(old);
        await _spool.ReturnAsync(old);

        Assert.Equal("new", Take());
        Assert.Null(Take());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(Take());
        var aside = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!, "spool.db.damaged-*Z"));
        Assert.Contains(_notices, notice => notice.Message.Contains($"now lies at {aside}", StringComparison.Ordinal));
        Assert.InRange(_spool.Bytes, 0, 3);
    }

    [Fact]
    public async Task Open_Damaged_MovesItAsideAndBeginsAnew()
    {
        await Reopen(maxBytes: 1_000_000);
        for (var number = 0; number < 100; number++)
            await Append($"{number} {new string('x', 1_000)}");
        await _spool.DisposeAsync();
        Damage();

        _spool = Open();
        await Append("new");

        Assert.Equal("new", Take());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!, "spool.db.damaged-*Z"));
    }

    /// <summary>Every byte behind the first page's header, in the file and in the log beside it.</summary>
    private void Damage()
    {
        foreach (var side in (string[])["", "-wal"])
        {
            if (!System.IO.File.Exists(File + side))
                continue;
            using var stream = new FileStream(File + side, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.Seek(100, SeekOrigin.Begin);
            stream.Write(new byte[Math.Max(0, stream.Length - 100)]);
        }
    }
}
