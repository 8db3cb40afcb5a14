using Detector.Adapters.Ledgers.Redis;

namespace Detector.Tests.Adapters.Ledgers;

public class RedisRisksTests
{
    [Theory]
    [InlineData("aof_enabled=1 appendfsync=always maxmemory=0 maxmemory_policy=noeviction connected_slaves=0", 0)]
    [InlineData("aof_enabled=1 appendfsync=everysec connected_slaves=2", 1)]
    [InlineData("aof_enabled=1 maxmemory=1000 maxmemory_policy=noeviction", 0)]
    [InlineData("aof_enabled=1 maxmemory=0 maxmemory_policy=allkeys-lru", 0)]
    public void Of_AServerThatLosesNothing_SaysNothing(string settings, int replicas) => Assert.Empty(Of(settings, replicas));

    [Theory]
    [InlineData("aof_enabled=0", 0, "appendonly no")]
    [InlineData("aof_enabled=1 appendfsync=everysec", 0, "appendfsync everysec")]
    [InlineData("aof_enabled=1 appendfsync=no", 0, "appendfsync no")]
    [InlineData("aof_enabled=1 appendfsync=always connected_slaves=1", 0, "ledger.wait 0")]
    [InlineData("aof_enabled=1 appendfsync=always connected_slaves=1", 2, "ledger.wait 2")]
    [InlineData("aof_enabled=1 maxmemory=1000 maxmemory_policy=volatile-ttl", 0, "maxmemory-policy volatile-ttl")]
    public void Of_AServerThatMayLose_NamesTheSetting(string settings, int replicas, string named) =>
        Assert.StartsWith(named, Assert.Single(Of(settings, replicas)), StringComparison.Ordinal);

    private static IEnumerable<string> Of(string settings, int replicas) =>
        RedisRisks.Of(
            settings.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal),
            replicas,
            admitsAnybody: false
        );
}
