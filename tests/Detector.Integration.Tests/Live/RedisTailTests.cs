using System.Diagnostics;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// What a failover of Redis costs without <c>ledger.wait</c>, and that it costs nothing with it: the link to the replica breaks, the primary takes writes for a while longer and is
/// killed, and the replica takes over with what it has. Nothing that came before the link broke may be lost. See docs/reliability.md.
/// </summary>
public class RedisTailTests(Emulator emulator)
{
    private const int Rate = 100; // alerts a second

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1000, 0)]
    [InlineData(1000, 1)]
    public async Task Run_PrimaryDiesWithATailThatNoReplicaHas_LosesTheTailAtMost(int milliseconds, int wait)
    {
        for (var round = 0; round < DrillCount.Setting("DETECTOR_TAIL_ROUNDS", 1); round++)
            await RoundAsync(TimeSpan.FromMilliseconds(milliseconds), wait);
    }

    private async Task RoundAsync(TimeSpan tail, int wait)
    {
        await using var primary = await RedisServer.StartAsync();
        await using var gate = new TcpGate(new Uri($"http://127.0.0.1:{primary.Port}"));
        gate.Open();
        await using var replica = await RedisServer.StartAsync("--replicaof", $"127.0.0.1 {gate.Address.Port}");
        await Eventually.TrueAsync(
            async () => ((string)(await replica.AskAsync("INFO", "replication"))!).Contains("master_link_status:up", StringComparison.Ordinal),
            "the replica follows"
        );
        // Whoever waits for a replica needs one also when the first has taken over.
        await using var another = await RedisServer.StartAsync("--replicaof", $"127.0.0.1 {replica.Port}");
        await using var live = await LivePath.MakeAsync(emulator);
        // So slow that alerts wait in the ledger, as they do when something happens.
        live.Slack.Otherwise = new SlackAnswerScript(
            true,
            async http =>
            {
                await Task.Delay(20, http.RequestAborted);
                await SlackAnswerScript.Ok.Give(http);
            }
        );
        await using var fleet = await Fleet.StartAsync(emulator, live, primary, 1, connection: $"{primary.Connection},{replica.Connection}\n  wait: {wait}");
        var sent = 0;

        await SendAsync(TimeSpan.FromSeconds(2));
        // Everything before this is done with, and on both servers.
        await live.QueueEmptyAsync();
        var followed = await primary.AskAsync(async database =>
        {
            await database.StringSetAsync("drill", "a write to wait for");
            return (long)await database.ExecuteAsync("WAIT", 1, 30_000);
        });
        Assert.Equal(1, followed);
        var broken = sent;
        if (tail > TimeSpan.Zero)
            await gate.CloseAsync();
        await SendAsync(tail > TimeSpan.Zero ? tail : TimeSpan.FromMilliseconds(500));
        await primary.KillAsync();
        var dead = sent;
        await replica.AskAsync("REPLICAOF", "NO", "ONE");
        await SendAsync(TimeSpan.FromSeconds(1));
        await live.QueueEmptyAsync();
        await fleet.SettledAsync(replica);
        Assert.Equal(0, await fleet.Instances[0].StopAsync());

        Count("slack", live.Slack.Channel.Select(post => post.Body));
        Count("sns", (await live.Inbox.ReadAsync()).Select(message => message.Body));
        Count("jsonl", fleet.Alerts);

        void Count(string sink, IEnumerable<string> bodies)
        {
            var delivered = Marks.In(bodies);
            var distinct = delivered.ToHashSet(StringComparer.Ordinal);
            var lost = Enumerable.Range(0, sent).Where(number => !distinct.Contains($"drill-key-{number}")).ToList();
            DrillCount.Say(
                $"Redis failover, ledger.wait {wait}, link broken {tail.TotalMilliseconds:0} ms before, {sink}: {sent} alerts expected, {distinct.Count} delivered, {delivered.Count - distinct.Count} repeated, {lost.Count} lost; {dead - broken} came between the break and the kill"
            );
            Assert.All(lost, number => Assert.InRange(number, broken, dead));
            if (wait > 0)
                Assert.Empty(lost);
        }

        async Task SendAsync(TimeSpan length)
        {
            var (watch, first) = (Stopwatch.StartNew(), sent);
            while (watch.Elapsed < length)
            {
                var due = first + (int)(watch.Elapsed.TotalSeconds * Rate);
                await live.SendAsync(
                    Enumerable.Range(sent, due - sent).Select(number => Trail.EventBridge(Trail.Session(Trail.AccessKey($"drill-key-{number}"), number)))
                );
                sent = due;
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }
}
