using System.Text;
using Detector.Core.Events;
using Detector.MassTransit;
using MassTransit;
using MassTransit.Testing;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.MassTransit;

public sealed class MassTransitSourceTests : IAsyncLifetime
{
    private const string Envelope = """{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.iam","detail":{"eventName":"ListUsers"}}""";

    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceProvider _services;
    private readonly ITestHarness _harness;
    private readonly MassTransitSource _source;

    public MassTransitSourceTests()
    {
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddDetectorBus()
            .AddMassTransitTestHarness(TextWriter.Null, bus => bus.AddDetectorConsumer())
            .BuildServiceProvider();
        _harness = _services.GetTestHarness();
        _source = _services.GetRequiredService<MassTransitSource>();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _harness.Start();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task Consume_Message_IsDoneOnlyWhenAcknowledged()
    {
        var consumed = DispatchAsync(Envelope);
        var batch = await NextAsync();
        var doneBefore = consumed.IsCompleted;

        await batch.Receipt.AckAsync(Cancellation);
        await consumed;

        Assert.False(doneBefore);
        Assert.Equal(Envelope, Encoding.UTF8.GetString(batch.Content.Span));
    }

    [Fact]
    public async Task Consume_BatchReturned_FailsOnTheBus()
    {
        var consumed = DispatchAsync(Envelope);
        var batch = await NextAsync();

        await batch.Receipt.ReturnAsync(Cancellation);

        await Assert.ThrowsAsync<EventsReturnedException>(() => consumed);
    }

    [Fact]
    public async Task Consume_MessageSentToTheQueue_ArrivesAndFaultsWhenReturned()
    {
        var endpoint = await _harness.Bus.GetSendEndpoint(new Uri("queue:cloudtrail-events"));
        await endpoint.Send(new CloudTrailMessage(), Cancellation);
        var batch = await NextAsync();

        await batch.Receipt.ReturnAsync(Cancellation);

        Assert.True(await _harness.Published.Any<Fault<CloudTrailMessage>>(Cancellation));
        Assert.StartsWith("cloudtrail-events ", batch.Origin, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_NothingComesForAWhile_SaysThatItIsIdle()
    {
        await using var batches = _source.ReadAsync(_stopping.Token).GetAsyncEnumerator(Cancellation);
        var first = batches.MoveNextAsync();

        _clock.Advance(MassTransitSource.Quiet);
        await first;
        var idle = batches.Current;
        var second = batches.MoveNextAsync();
        var consumed = DispatchAsync(Envelope);
        await second;
        await batches.Current.Receipt.AckAsync(Cancellation);
        await consumed;

        Assert.True(idle.IsIdle);
        Assert.False(batches.Current.IsIdle);
    }

    [Fact]
    public async Task ReadAsync_Stopping_YieldsWhatIsInHandAndEnds()
    {
        var offered = _source.OfferAsync("q", "{}"u8.ToArray(), null, Cancellation);
        await _stopping.CancelAsync();

        var batches = await _source.ReadAsync(_stopping.Token).ToListAsync(Cancellation);
        await Assert.Single(batches).Receipt.AckAsync(Cancellation);
        await offered;

        Assert.Equal("q", batches[0].Origin);
    }

    [Fact]
    public async Task OfferAsync_AfterTheStop_HoldsTheMessageUntilTheBusLetsGo()
    {
        using var bus = new CancellationTokenSource();
        await _stopping.CancelAsync();
        await _source.ReadAsync(_stopping.Token).ToListAsync(Cancellation);

        var offered = _source.OfferAsync("q", "{}"u8.ToArray(), null, bus.Token);
        var heldBefore = !offered.IsCompleted;
        await bus.CancelAsync();

        Assert.True(heldBefore);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => offered);
    }

    [Fact]
    public async Task Stop_MessageInHand_WaitsForItsAcknowledgement()
    {
        var endpoint = await _harness.Bus.GetSendEndpoint(new Uri("queue:cloudtrail-events"));
        await endpoint.Send(new CloudTrailMessage(), Cancellation);
        var batch = await NextAsync();

        var stopped = _harness.Stop(Cancellation);
        var stoppedBefore = stopped.IsCompleted;
        await batch.Receipt.AckAsync(Cancellation);
        await stopped;

        Assert.False(stoppedBefore);
        Assert.True(await _harness.Consumed.Any<CloudTrailMessage>(Cancellation));
    }

    private Task DispatchAsync(string body) =>
        _services
            .GetRequiredService<IReceiveEndpointDispatcher<CloudTrailConsumer>>()
            .Dispatch(Encoding.UTF8.GetBytes(body), new Dictionary<string, object>(), Cancellation);

    private async Task<EventBatch> NextAsync() => await _source.ReadAsync(_stopping.Token).FirstAsync(Cancellation);
}
