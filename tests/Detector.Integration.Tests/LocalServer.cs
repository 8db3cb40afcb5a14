using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Detector.Integration.Tests;

/// <summary>What every fake is made of: a silent server on this machine.</summary>
internal static class LocalServer
{
    /// <param name="port">Where it listens, once it is started; 0 for a free port.</param>
    /// <param name="more">Adds to its services.</param>
    public static WebApplication Make(int port = 0, Action<IServiceCollection>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        more?.Invoke(builder.Services);
        return builder.Build();
    }
}
