using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.MassTransit;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Detector.Tests.MassTransit;

public sealed class MassTransitSinkTests
{
    private static readonly Alert RootUsage = new()
    {
        Id = AlertId.Of("root-usage", "1"),
        Rule = new AlertRule("b2f1", "root-usage", "The root user was used", Level.Critical, ["detector.root-usage"], "Root is for emergencies.", "Ask who."),
        Kind = AlertKind.Plain,
        Events = [new AlertEvent("e-1", DateTimeOffset.UnixEpoch, "GetAccountSummary", "queue", 0)],
        Facts = new AlertFacts { Account = "111122223333", Region = "us-east-1" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_Alert_IsPublishedWithItsBody()
    {
        await using var services = new ServiceCollection().AddDetectorBus().AddMassTransitTestHarness(TextWriter.Null, _ => { }).BuildServiceProvider();
        var harness = services.GetTestHarness();
        await harness.Start();
        var sink = services.GetRequiredService<IAlertSink>();

        var answer = await sink.SendAsync(new Dispatch(RootUsage, sink.Name, Attempt: 1), Cancellation);

        Assert.Equal(SinkAnswer.Delivered, answer);
        var message = Assert.Single(await harness.Published.SelectAsync<AlertRaised>(Cancellation).ToListAsync(Cancellation)).Context.Message;
        Assert.Equal(
            (RootUsage.Id.Value, "critical", "root-usage", "111122223333", "us-east-1"),
            (message.AlertId, message.Severity, message.Rule, message.Account, message.Region)
        );
        Assert.Equal(RootUsage.Id, AlertJson.Read(System.Text.Encoding.UTF8.GetBytes(message.Body)).Id);
    }

    [Fact]
    public async Task SendAsync_BusFails_AsksToTryAgainAndGivesNoAddressAway()
    {
        await using var services = new ServiceCollection()
            .AddDetectorBus()
            .AddMassTransitTestHarness(
                TextWriter.Null,
                bus =>
                    bus.UsingInMemory(
                        (_, configure) => configure.ConfigurePublish(pipe => pipe.UseExecute(_ => throw new IOException("amqp://user:sesame@broker is gone")))
                    )
            )
            .BuildServiceProvider();
        await services.GetTestHarness().Start();
        var sink = services.GetRequiredService<IAlertSink>();

        var answer = await sink.SendAsync(new Dispatch(RootUsage, sink.Name, Attempt: 1), Cancellation);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
        Assert.Equal("the bus failed: IOException", answer.Reason);
    }
}
