using Detector.Adapters.Ledgers;
using Detector.Adapters.Sqlite;
using Detector.App;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Integration.Tests.Aws;
using Detector.MassTransit;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Detector.Integration.Tests.MassTransit;

/// <summary>
/// A host as docs/adr/0004 tells to write one: the detector with the shipped rules on a bus, and a ledger in a file. Events come to the queue
/// <c>cloudtrail-events</c>.
/// </summary>
internal sealed class BusHost : IAsyncDisposable
{
    public const string Queue = "cloudtrail-events";

    private readonly IHost _host;
    private readonly string _ledger;
    private readonly Gate _gate;

    private BusHost(IHost host, string ledger, Gate gate) => (_host, _ledger, _gate) = (host, ledger, gate);

    /// <summary>Messages that the bus has handed over.</summary>
    public int InHand => _gate.Came;

    /// <param name="broker">Where the bus is.</param>
    /// <param name="folder">Of the ledger.</param>
    /// <param name="isOpen">Whether what is handed over is judged at once, and not when <see cref="Open"/> is called.</param>
    public static async Task<BusHost> StartAsync(RabbitBroker broker, string folder, bool isOpen = true)
    {
        var ledger = Path.Combine(folder, "ledger.db");
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddDetectorBus();
        builder.Services.AddSingleton<ILedger>(SqliteLedger.Open(ledger, "tests", TimeProvider.System, new Notices()));
        builder.Services.AddSingleton(provider => new Gate(provider.GetRequiredService<IEventSource>()));
        builder.Services.AddHostedService<PumpService>();
        // Else the queue is there some time after the host has started.
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddDetectorConsumer();
            bus.UsingRabbitMq(
                (context, rabbit) =>
                {
                    rabbit.Host(broker.Address);
                    rabbit.ConfigureEndpoints(context);
                }
            );
        });
        var host = builder.Build();
        var gate = host.Services.GetRequiredService<Gate>();
        if (isOpen)
            gate.Open();
        await host.StartAsync();
        return new BusHost(host, ledger, gate);
    }

    /// <summary>Lets what was handed over be judged.</summary>
    public void Open() => _gate.Open();

    /// <summary>What the ledger's file holds; it is asked as anybody could ask it.</summary>
    public long Count(string from)
    {
        using var session = SqliteStore.Connect(_ledger, SqliteOpenMode.ReadOnly, patience: 5);
        return session.Number($"SELECT count(*) FROM {from}");
    }

    public async ValueTask DisposeAsync()
    {
        _gate.Open();
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>Holds batches until it is opened, so that they are in hand for as long as a test wants.</summary>
    private sealed class Gate(IEventSource source) : IEventSource
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _came;

        public int Came => Volatile.Read(ref _came);

        public string Name => source.Name;

        public TimeSpan Lateness => source.Lateness;

        public void Open() => _open.TrySetResult();

        public async IAsyncEnumerable<EventBatch> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stopping)
        {
            await foreach (var batch in source.ReadAsync(stopping))
            {
                if (!batch.IsIdle)
                    Interlocked.Increment(ref _came);
                await _open.Task;
                yield return batch;
            }
        }
    }

    private sealed class PumpService(Gate source, IAlertSink sink, ILedger ledger, TimeProvider time) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var notices = new Notices();
            var rules = RuleLoad.From([RuleLoad.Shipped]).Rules;
            using var detection = new DetectionPipeline(rules, source.Lateness, time, notices);
            var pace = new DispatcherOptions { LongestRetry = TimeSpan.FromSeconds(2) };
            var dispatcher = new Dispatcher(ledger, [new SinkRoute(sink, Level.Informational)], pace, time, Random.Shared, notices);
            var pump = new Pump(source, new Judge(rules), detection, dispatcher, ledger, notices);
            using var quiet = new CancellationTokenSource();

            var dispatching = dispatcher.RunAsync(quiet.Token);
            await pump.RunAsync(stoppingToken, CancellationToken.None);
            await quiet.CancelAsync();
            await dispatching;
        }
    }
}
