using System.Text;
using Detector.Adapters.Ledgers;
using Detector.App;
using Detector.App.Commands;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

/// <summary>The signal that comes before the program is ready. No process is fast enough to be met there surely, so this one is run in here.</summary>
public class EarlyStopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_StoppedWhileItStarts_EndsInOrder(bool afterACrash)
    {
        using var deployment = new Deployment();
        if (afterACrash)
            await JournalAsync(deployment.PathOf("detector.db"));
        var config = deployment.PathOf("detector.yaml");
        await File.WriteAllTextAsync(
            config,
            $"intake:\n  listen: 127.0.0.1:0\n  spool: {deployment.PathOf("spool.db")}\nledger:\n  file: {deployment.PathOf("detector.db")}\n",
            TestContext.Current.CancellationToken
        );
        var log = new StringWriter(new StringBuilder());
        var terminal = new Terminal(new StringWriter(), log, new Dictionary<string, string>(), TimeProvider.System, new CancellationToken(canceled: true));

        var exit = await CommandLine.InvokeAsync(["run", "--config", config], terminal);

        Assert.True(exit == 0, $"{exit}: {log}");
    }

    /// <summary>Leaves a hit of denied-call behind that denied-burst waits for.</summary>
    private static async Task JournalAsync(string file)
    {
        await using var ledger = SqliteLedger.Open(file, "test", TimeProvider.System, new Notices());
        var record = Trail.Denied("drill-burst-1", 0);
        var key = new HitKey("761f67d8-5965-4482-a578-89a410aacf53", "7a29f370-2c4e-490e-b242-6179981091eb", new EventIdentity(new string('a', 32)));
        await ledger.JournalAsync(
            [new JournaledHit(key, DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes(record.ToJsonString()), "test", 0)],
            CancellationToken.None
        );
    }
}
