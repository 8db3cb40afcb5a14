using Detector.Adapters.Spills;
using FsCheck.Xunit;

namespace Detector.Tests.Replays;

public sealed class SpillLogTests
{
    [Property]
    public void Read_WhateverTheBudget_GivesBackWhatWasAdded(byte[][] things, byte budget)
    {
        using var log = new SpillLog(Path.GetTempPath(), budget);

        var places = things.Select(thing => log.Add(thing)).ToList();

        Assert.Equal(things, places.Zip(things, (place, thing) => Read(log, place, thing.Length)));
        Assert.True(log.HasSpilled || things.Sum(thing => thing.Length) <= Math.Max(budget, things.FirstOrDefault(thing => thing.Length > 0, []).Length));
    }

    [Fact]
    public void Read_FromMorePlacesThanPagesAreAtHand_GivesBackWhatWasAdded()
    {
        using var log = new SpillLog(Path.GetTempPath(), budget: 64 * 1024);
        var random = new Random(1);
        var things = Enumerable.Range(0, 300).Select(_ => new byte[random.Next(1, 12_000)]).Append(new byte[100_000]).ToList();
        things.ForEach(random.NextBytes);
        var places = things.ConvertAll(thing => log.Add(thing));

        // Each three times, some soon after the other and most much later.
        foreach (var number in Enumerable.Range(0, 3 * things.Count).Select(turn => turn * 7 % things.Count))
            Assert.Equal(things[number], Read(log, places[number], things[number].Length));
    }

    private static byte[] Read(SpillLog log, long place, int length)
    {
        var bytes = new byte[length];
        log.Read(bytes, place);
        return bytes;
    }
}
