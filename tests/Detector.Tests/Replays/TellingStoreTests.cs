using Detector.Adapters.Spills;
using Detector.Core.Delivery;

namespace Detector.Tests.Replays;

public sealed class TellingStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1_000)] // some hundred runs
    public void InOrder_WhateverTheBudget_SortsByRuleTimePlaceAndSet(long budget)
    {
        var random = new Random(7);
        var tellings = Enumerable.Range(0, 1_000).Select(n => Make(random, n)).ToList();
        using var store = new TellingStore(_folder, budget);

        tellings.ForEach(store.Add);

        var sorted = tellings
            .OrderBy(one => one.Rule)
            .ThenBy(one => one.Event.EventTime)
            .ThenBy(one => one.Event.File, StringComparer.Ordinal)
            .ThenBy(one => one.Event.Index)
            .ThenBy(one => one.Set)
            .ThenBy(one => one.Alert.Value, StringComparer.Ordinal);
        Assert.Equal(sorted, store.InOrder());
    }

    private static Telling Make(Random random, int number)
    {
        DateTimeOffset? time = random.Next(5) == 0 ? null : DateTimeOffset.UnixEpoch.AddDays(random.Next(3));
        var told = new AlertEvent(random.Next(5) == 0 ? null : $"{number}", time, random.Next(5) == 0 ? null : "Märk", $"f{random.Next(3)}", random.Next(3));
        return new Telling(random.Next(3), random.Next(2), AlertId.Of($"{number}"), told, random.Next(5) == 0 ? null : "who");
    }
}
