using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Detector.Integration.Tests.Status;

/// <summary>Whatever is called from outside: a collector, a dead man's switch. Answers 200 and writes down what came.</summary>
internal sealed class OutsideFake : IAsyncDisposable
{
    private readonly WebApplication _web;

    private OutsideFake(WebApplication web) => _web = web;

    /// <summary>Path and body of each call.</summary>
    public ConcurrentQueue<(string Path, byte[] Body)> Calls { get; } = new();

    public Uri Address => new(_web.Urls.Single());

    /// <summary>What was sent to a path.</summary>
    public IEnumerable<byte[]> Bodies(string path) => Calls.Where(call => call.Path == path).Select(call => call.Body);

    public static async Task<OutsideFake> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var fake = new OutsideFake(builder.Build());
        fake._web.Run(fake.TakeAsync);
        await fake._web.StartAsync();
        return fake;
    }

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Calls.Enqueue((context.Request.Path, body.ToArray()));
    }
}
