using Amazon.SQS;
using Detector.Adapters.Aws;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Http;
using Detector.App.Options;
using Detector.Core;
using Detector.Core.Events;

namespace Detector.App;

/// <summary>Opens where events come from: the queue, the embedded intake, or both.</summary>
internal sealed class SourceParts(DetectorOptions options, Parts parts, Terminal terminal, IProgress<Notice> log)
{
    /// <summary>The queue's client; null if there is no queue.</summary>
    public IAmazonSQS? Sqs { get; private set; }

    /// <summary>Where the embedded intake listens; null if it is off.</summary>
    public Uri? Intake { get; private set; }

    public async Task<IEventSource> OpenAsync()
    {
        var sources = new List<IEventSource>();
        if (options.Queue is { } queue)
            sources.Add(Objects(parts.Own(Queue(queue)), options.S3));
        if (options.Intake is { } intake)
            sources.Add(await IntakeAsync(intake));
        return sources is [var only] ? only : new MergedSource(sources);
    }

    private SqsSource Queue(QueueOptions queue)
    {
        Sqs = parts.Own(AwsClients.Sqs(new AwsPlace(queue.Region, queue.ServiceUrl?.OriginalString)));
        var how = new SqsSourceOptions
        {
            WaitTime = queue.Wait,
            Prefetch = queue.Prefetch,
            Visibility = queue.Visibility,
            RenewEvery = queue.Visibility / 2,
            MaxHold = TimeSpan.FromTicks(Math.Max(queue.Visibility.Ticks, TimeSpan.TicksPerHour)),
            Lateness = queue.Lateness,
        };
        return new SqsSource(Sqs, queue.Url.OriginalString, how, terminal.Time, log, Random.Shared);
    }

    private S3ObjectSource Objects(SqsSource queue, S3Options? s3)
    {
        var client = s3 is null ? null : parts.Own(AwsClients.S3(new AwsPlace(s3.Region, s3.ServiceUrl?.OriginalString)));
        return new S3ObjectSource(queue, client, s3?.Lateness ?? default, terminal.Time, log, Random.Shared);
    }

    private async Task<IEventSource> IntakeAsync(Options.IntakeOptions intake)
    {
        var spool = parts.Own(Spool.Open(intake.Spool, terminal.Time, log));
        var how = new Adapters.Http.IntakeOptions
        {
            Address = intake.Listen.Address,
            Port = intake.Listen.Port,
            Token = intake.Token?.Reveal(),
            MaxBody = intake.BodyLimit,
        };
        var server = parts.Own(new Intake(spool, how, log));
        // Not cut short by a stop, which is then the orderly one of a program that has begun.
        await server.StartAsync(CancellationToken.None);
        Intake = server.Address;
        log.Report(new Notice(NoticeSeverity.Information, "intake", $"takes events at {new Uri(server.Address!, "events")}"));
        return new SpoolSource(spool, terminal.Time, intake.Lateness);
    }
}
