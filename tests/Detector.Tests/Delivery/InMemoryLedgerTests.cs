using Detector.Core.Delivery;
using Detector.Core.Events;
using static Detector.Tests.Delivery.Offers;

namespace Detector.Tests.Delivery;

public sealed class InMemoryLedgerTests : LedgerContract
{
    private protected override ILedger Open() => new InMemoryLedger(Time);

    [Fact]
    public void IsDurable_Always_False() => Assert.False(Ledger.IsDurable);

    [Fact]
    public async Task Accept_BeyondWhatIsRemembered_ForgetsTheOldestSettledOnly()
    {
        await using var ledger = new InMemoryLedger(Time, remembered: 2);
        await ledger.AcceptAsync([Offer("open")], Cancel);
        await ledger.AcceptAsync([Offer("a", ""), Offer("b", ""), Offer("c", "")], Cancel);

        var open = await ledger.AcceptAsync([Offer("open", "sns"), Offer("c", ""), Offer("a", "sns")], Cancel);

        Assert.Equal([Key("open", "slack"), Key("open", "sns"), Key("a", "sns")], open);
        Assert.Equal(3, (await ledger.StateAsync(null, Cancel)).Pending);
    }

    [Fact]
    public async Task Note_BeyondWhatIsRemembered_ForgetsTheOldest()
    {
        await using var ledger = new InMemoryLedger(Time, remembered: 2);

        await ledger.NoteAsync("slack", [new SinkNote("a", null, "1"), new SinkNote("b", null, "2"), new SinkNote("c", null, "3")], Cancel);

        Assert.Null(await ledger.RecallAsync("slack", "a", Cancel));
        Assert.Equal("3", await ledger.RecallAsync("slack", "c", Cancel));
    }

    [Fact]
    public async Task Reject_SameContentAtTheSamePlace_IsKeptOnce()
    {
        await using var ledger = new InMemoryLedger(Time, remembered: 2);
        var record = new Rejected("queue/1", 0, 5, "no object", "[]"u8.ToArray());

        await ledger.RejectAsync([record, record with { Reason = "again" }, record with { Index = 1 }, record with { Index = 2 }], Cancel);

        Assert.Equal([1, 2], ledger.Rejected.Select(rejected => rejected.Index));
    }
}
