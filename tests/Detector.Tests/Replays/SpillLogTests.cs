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

    private static byte[] Read(SpillLog log, long place, int length)
    {
        var bytes = new byte[length];
        log.Read(bytes, place);
        return bytes;
    }
}
