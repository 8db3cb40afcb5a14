using Detector.Adapters.Aws;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Ledgers;
using Detector.Adapters.Ledgers.Redis;
using Detector.Adapters.Reports;
using Detector.App.Options;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;

namespace Detector.App;

/// <summary>What only a detector that sees events can add to its alerts.</summary>
/// <param name="Calls">The calls that it has seen lately.</param>
/// <param name="AliasOf">An account's alias, as far as the trail has told of it.</param>
/// <param name="FileOf">The file of the rule with a key.</param>
internal sealed record Knowledge(RecentCalls Calls, Func<string, string?> AliasOf, Func<string, string?> FileOf)
{
    /// <summary>Of somebody who has seen nothing.</summary>
    public static Knowledge None => new(new RecentCalls(), _ => null, _ => null);
}

/// <summary>Opens what alerts are told by: the ledger, the sinks, and what helps to read an alert.</summary>
internal sealed class DeliveryParts(DetectorOptions options, Parts parts, Terminal terminal, IProgress<Notice> log)
{
    public async Task<ILedger> LedgerAsync()
    {
        var place = options.Ledger;
        if (place.Redis is { } redis)
            return parts.Own(await RedisLedger.OpenAsync(redis.Ledger(place.Retention, place.Seen), "detector", terminal.Time, Random.Shared, log));
        var owner = $"{Environment.MachineName}/{Environment.ProcessId}";
        return parts.Own<ILedger>(
            place.File is null ? new InMemoryLedger(terminal.Time) : SqliteLedger.Open(place.File, owner, terminal.Time, log, place.Retention, place.Seen)
        );
    }

    public Dispatcher Dispatcher(ILedger ledger, Knowledge known, PipelineWatch watch)
    {
        // Another instance, or somebody who has an alert sent again, may have put something into the ledger.
        var pace = new DispatcherOptions { LookEvery = TimeSpan.FromSeconds(options.Ledger.Redis is null ? 10 : 2) };
        return new Dispatcher(ledger, [.. Sinks(ledger, Enrichment(ledger, known))], pace, terminal.Time, Random.Shared, log, watch);
    }

    private IEnumerable<SinkRoute> Sinks(ILedger ledger, Enrichment enrichment)
    {
        if (options.Console is { } console)
            yield return new SinkRoute(new ConsoleSink(terminal.Out, Coloured(console.Color), terminal.Time), console.Minimum);
        if (options.Jsonl is { } jsonl)
            yield return new SinkRoute(parts.Own(new JsonLinesSink(jsonl.File)), jsonl.Minimum);
        if (options.Slack is { } slack)
        {
            foreach (var route in SlackSinks.Of(slack, options.Digests, ledger, enrichment, terminal.Time))
                yield return route with
                {
                    Sink = parts.Own(route.Sink),
                };
        }
        if (options.Sns is { } sns)
        {
            var isFifo = SnsSink.IsFifo(sns.Topic);
            if (isFifo)
                log.Report(new Notice(NoticeSeverity.Warning, "sns", $"{sns.Topic} is a FIFO topic: it reaches SQS queues only, and pages nobody"));
            var topic = parts.Own(AwsClients.Sns(new AwsPlace(sns.Region, sns.ServiceUrl?.OriginalString)));
            yield return new SinkRoute(new SnsSink(topic, sns.Topic, terminal.Time, log, enrichment), sns.Minimum)
            {
                Pages = !isFifo,
                Digests = options.Digests,
            };
        }
    }

    private Enrichment Enrichment(ILedger ledger, Knowledge known) =>
        new(
            [
                new AccountNames(options.Accounts, known.AliasOf),
                parts.Own(new Geography(options.Enrich.City, options.Enrich.Asn)),
                new FirstSeen(ledger),
                new CallsAround(known.Calls),
                new Runbooks(known.FileOf),
            ],
            terminal.Time
        );

    private bool Coloured(ColorChoice choice) =>
        choice switch
        {
            ColorChoice.Always => true,
            ColorChoice.Never => false,
            _ => terminal.OutIsTerminal && !terminal.Environment.ContainsKey("NO_COLOR"),
        };
}
