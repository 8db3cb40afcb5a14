using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Detector.Adapters.Http;

/// <summary>How this program listens for HTTP: on one place, within limits, with none of a web host's defaults.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly IPEndPoint _place;

    /// <param name="place">Where to listen; port 0 for a free one.</param>
    /// <param name="maxBody">Bytes of a request's body.</param>
    /// <param name="maxConnections">Connections at once.</param>
    /// <param name="patience">How long requests under way may take to come to an end when it closes.</param>
    /// <param name="more">Adds what <see cref="Web"/> needs beside routes.</param>
    public Listener(IPEndPoint place, long maxBody, long maxConnections, TimeSpan patience, Action<IServiceCollection>? more = null)
    {
        _place = place;
        // The empty builder: no environment variable or appsettings.json moves the address, and signals stay the program's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = patience);
        more?.Invoke(builder.Services);
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = maxBody;
                kestrel.Limits.MaxConcurrentConnections = maxConnections;
                kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
                kestrel.Listen(place, listen => listen.Protocols = HttpProtocols.Http1);
            });
        Web = builder.Build();
    }

    /// <summary>Takes the routes, before the start.</summary>
    public WebApplication Web { get; }

    /// <summary>Where it listens, with the port that was free if none was asked for; null before the start.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The address or port cannot be had.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            await Web.StartAsync(cancellation);
        }
        catch (SocketException error)
        {
            // Kestrel makes an IOException of a port in use alone.
            throw new IOException($"{_place.Address}, port {_place.Port}: {error.Message}", error);
        }
        Address = new Uri(Web.Urls.Single());
    }

    /// <summary>Ends: requests under way are answered if they come to an end within its patience, and new ones are not taken.</summary>
    public async ValueTask DisposeAsync()
    {
        await Web.StopAsync();
        await Web.DisposeAsync();
    }
}
