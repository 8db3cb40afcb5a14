using System.Net;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>Asks the detector that runs on this machine how it is.</summary>
internal static class HealthCommand
{
    /// <summary>Well within what a container's engine waits, and longer than a ledger may take to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Returns the exit code.</summary>
    public static async Task<int> RunAsync(string? config, bool ready, Terminal terminal)
    {
        var configuration = Configuration.Load(config, terminal.Environment, []);
        if (configuration.Options is not { } options)
        {
            foreach (var error in configuration.Errors)
                await terminal.Error.WriteLineAsync($"configuration: {error}");
            return ExitCode.Usage;
        }
        if (options.Status is not { } page)
        {
            await terminal.Error.WriteLineAsync("configuration: status.listen is off, so there is nobody to ask");
            return ExitCode.Usage;
        }
        var place = new Uri($"http://{Here(page.Listen)}/healthz/{(ready ? "ready" : "live")}");
        using var web = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await web.GetAsync(place, terminal.Stopping);
            await terminal.Out.WriteLineAsync(OneLine.Of(await answer.Content.ReadAsStringAsync(terminal.Stopping)));
            return answer.IsSuccessStatusCode ? ExitCode.Done : ExitCode.Failed;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !terminal.Stopping.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync($"health: nobody answers at {place}");
            return ExitCode.Failed;
        }
    }

    /// <summary>Whoever listens everywhere is reached here.</summary>
    private static IPEndPoint Here(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port)
        : listen.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listen.Port)
        : listen;
}
