using Detector.Adapters.Spills;
using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Detection;
using Detector.Tests.Rules;

namespace Detector.Tests.Replays;

public sealed class HitStoreTests : IDisposable
{
    private static readonly RuleSet Rules = Stage.Rules();

    private readonly string _folder = Directory.CreateTempSubdirectory("spill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(long.MaxValue, false)]
    [InlineData(20_000, true)]
    [InlineData(1_000, true)] // some hundred runs, merged in two steps
    public void InOrder_WhateverTheBudget_SortsAll(long budget, bool spills)
    {
        var hits = Hits(1_000);
        using var store = new HitStore(Rules, _folder, budget);

        foreach (var part in hits.Chunk(3))
            store.Add(part);

        Assert.Equal(spills, store.HasSpilled);
        var inOrder = store.InOrder();
        var found = inOrder.ToList();
        var sorted = hits.Order(Replay.HitOrder).ToList();
        Assert.Equal(sorted.Select(hit => hit with { Record = default }), found.Select(hit => hit with { Record = default }));
        Assert.Equal(sorted.Select(hit => hit.Record.ToArray()), found.Select(hit => hit.Record.ToArray()));
        Assert.Equal(found.Select(hit => hit.Event), inOrder.Select(hit => hit.Event));
    }

    [Fact]
    public void InOrder_HitsOfOneRecord_ShareItInTheOrderOfTheirRules()
    {
        var record = new byte[] { 1, 2, 3 };
        var hits = Rules.Detections.Reverse().Select(rule => new Hit(rule, new EventIdentity("e"), DateTimeOffset.UnixEpoch, record, "file", 0)).ToArray();
        using var store = new HitStore(Rules, _folder, budget: 1);

        store.Add(hits);

        var found = store.InOrder().ToList();
        Assert.Equal(hits.Order(Replay.HitOrder).Select(hit => hit.Rule.Key), found.Select(hit => hit.Rule.Key));
        Assert.All(found, hit => Assert.Equal(record, hit.Record.ToArray()));
        Assert.Single(found.Select(hit => hit.Record).Distinct());
    }

    [Fact]
    public void InOrder_WithProspects_PassesOverWhatCanComeToNothing()
    {
        var rules = Stage.Rules(("few", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 2}"));
        using var batch = Stage.Batch([
            Stage.Record("a1", 1, "u", ""),
            Stage.Record("a2", 2, "u", ""),
            Stage.Record("a3", 3, "alone", ""),
            Stage.Record("b1", 4, "alone", ""),
            Stage.Record("a4", 5, "other", ""),
        ]);
        var prospects = new Prospects(rules);
        using var store = new HitStore(rules, _folder, budget: 1);

        store.Add(new Replay(rules, prospects: prospects).Try(batch).Hits);

        Assert.Equal([0, 1, 3], store.InOrder(prospects).Select(hit => hit.Index));
        Assert.Equal([0, 1, 2, 3, 4], store.InOrder().Select(hit => hit.Index));
    }

    [Fact]
    public void InOrder_WithProspects_PassesOverNothingThatIsThereTwice()
    {
        var rules = Stage.Rules(("few", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 4}"));
        var twice = Stage.Record("a2", 2, "u", "");
        using var batch = Stage.Batch([Stage.Record("a1", 1, "u", ""), twice, twice, Stage.Record("a3", 60, "u", "")]);
        var prospects = new Prospects(rules);
        using var store = new HitStore(rules, _folder);

        store.Add(new Replay(rules, prospects: prospects).Try(batch).Hits);

        Assert.Equal([1, 2], store.InOrder(prospects).Select(hit => hit.Index));
    }

    [Fact]
    public void InOrder_WithProspects_LeavesOutSingleHitsButNotWhereARecordIsThereTwice()
    {
        var body = Matching.RuleAround("{s: {eventName: a}, condition: s}");
        var rules = Matching.Load([
            ("a.yml", "name: a\nid: a\n" + body),
            ("told.yml", "name: told\nid: told\n" + body),
            ("few.yml", "title: few\nname: few\ncorrelation: {type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 4}}\n"),
        ]);
        var again = Stage.Record("a2", 60, "u", "");
        using var batch = Stage.Batch([Stage.Record("a1", 1, "u", ""), again, again, again]);
        var prospects = new Prospects(rules);
        using var store = new HitStore(rules, _folder);

        store.Add(new Replay(rules, prospects: prospects).Try(batch).Hits);

        Assert.Equal(
            [(0, "told"), (1, "told"), (1, "a"), (2, "a"), (2, "told"), (3, "a"), (3, "told")],
            store.InOrder(prospects).Select(hit => (hit.Index, hit.Rule.Key))
        );
    }

    [Fact]
    public async Task Add_FromManyThreads_LosesNothing()
    {
        var hits = Hits(2_000);
        using var store = new HitStore(Rules, _folder, 5_000);

        await Parallel.ForEachAsync(
            hits.Chunk(7),
            TestContext.Current.CancellationToken,
            (part, _) =>
            {
                store.Add(part);
                return ValueTask.CompletedTask;
            }
        );

        Assert.Equal(hits.Order(Replay.HitOrder).Select(hit => hit.Event), store.InOrder().Select(hit => hit.Event));
    }

    [Fact]
    public void Spill_LeavesNoNameBehind()
    {
        using var store = new HitStore(Rules, _folder, 100);

        store.Add(Hits(100));

        Assert.True(store.HasSpilled);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there the file has its name until it is closed");
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Spill_NowhereToWrite_NamesThePlace()
    {
        using var store = new HitStore(Rules, Path.Combine(_folder, "nowhere"), 100);

        var error = Assert.Throws<StorageException>(() => store.Add(Hits(100)));

        Assert.Contains(Path.Combine(_folder, "nowhere"), error.Message, StringComparison.Ordinal);
    }

    private static Hit[] Hits(int count)
    {
        var random = new Random(1);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(n => new Hit(
                    Rules.Detections[random.Next(Rules.Detections.Count)],
                    new EventIdentity($"{random.Next(count):x32}"),
                    random.Next(10) == 0 ? null : DateTimeOffset.UnixEpoch.AddSeconds(random.Next(100)),
                    new byte[random.Next(1, 200)],
                    $"file {random.Next(5)}",
                    n
                )),
        ];
    }
}
