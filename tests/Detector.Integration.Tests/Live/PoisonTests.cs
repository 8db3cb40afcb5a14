using System.Text.Json.Nodes;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

public class PoisonTests(Emulator emulator)
{
    private const int EachKind = 20;

    [Fact]
    public async Task Run_PoisonAmongGoodMessages_EndsInTheDeadLetterQueueWithItsReasonAndNeighboursAreTold()
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        await using var detector = await live.Deployment.StartReadyAsync();
        var whole = Trail.AccessKey("drill-lost-0").ToJsonString();
        var cut = whole[..(whole.Length / 2)];

        for (var number = 0; number < EachKind; number++)
        {
            var (before, behind) = (Key("before", number), Key("behind", number));
            await live.SendAsync(Trail.EventBridge(Key("alone", number)), "by no means JSON", Trail.Records(before.ToJsonString(), cut, behind.ToJsonString()));
        }
        await Eventually.TrueAsync(async () => await emulator.CountAsync(live.Dead) == 2 * EachKind, "the poison is in the dead-letter queue");
        await live.QueueEmptyAsync();
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        var good = Enumerable.Range(0, EachKind).SelectMany(number => new[] { $"drill-alone-{number}", $"drill-before-{number}", $"drill-behind-{number}" });
        await new DrillCount("poison", 5 * EachKind, good.ToHashSet(StringComparer.Ordinal)).CompareAsync(live, interruptions: 0);
        var rejected = live.Deployment.Ledger("SELECT reason, times, place, CAST(content AS TEXT) FROM rejected ORDER BY place");
        DrillCount.Say($"poison: {await emulator.CountAsync(live.Dead)} messages in the dead-letter queue, {rejected.Count} reasons in the ledger");
        Assert.All(rejected.Take(EachKind), row => Assert.Equal("neither an object nor an array|2|0|by no means JSON", row));
        Assert.All(rejected.Skip(EachKind), row => Assert.StartsWith($"the text ends inside the record|2|1|{cut}", row, StringComparison.Ordinal));
        Assert.Equal(2 * EachKind, rejected.Count);
        Assert.All(live.Deployment.Ledger("SELECT origin FROM rejected"), origin => Assert.StartsWith("sqs:", origin, StringComparison.Ordinal));
    }

    /// <summary>Each by somebody with a key of its own.</summary>
    private static JsonObject Key(string kind, int number) => Trail.Session(Trail.AccessKey($"drill-{kind}-{number}"), kind[2] * 1000 + number);
}
