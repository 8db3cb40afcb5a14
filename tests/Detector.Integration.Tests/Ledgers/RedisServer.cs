using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace Detector.Integration.Tests.Ledgers;

/// <summary>A real Redis of a test's own, which can be killed and started again where it was.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string[] _settings;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-redis-");
    private Process _process = null!;

    private RedisServer(string[] settings) => _settings = settings;

    public int Port { get; } = Ports.Free();

    /// <summary>In the form of StackExchange.Redis.</summary>
    public string Connection => $"127.0.0.1:{Port}";

    /// <summary>Starts a server; skips the test where there is none.</summary>
    /// <param name="settings">As behind redis-server: <c>--appendfsync always</c>.</param>
    public static async Task<RedisServer> StartAsync(params string[] settings)
    {
        var server = new RedisServer(settings);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>The same port, the same files.</summary>
    public async Task StartAgainAsync()
    {
        string[] arguments =
        [
            .. (string[])["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullName],
            .. (string[])["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--repl-diskless-sync-delay", "0"],
            .. _settings,
        ];
        _process = Process.Start(new ProcessStartInfo(Requires.RedisServer(), arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        _ = _process.StandardOutput.ReadToEndAsync();
        await Eventually.TrueAsync(Answers, "Redis answers");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public Task<RedisResult> AskAsync(string command, params object[] arguments) => AskAsync(database => database.ExecuteAsync(command, arguments));

    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Connection},allowAdmin=true");
        return await ask(connection.GetDatabase());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> Answers()
    {
        Assert.False(_process.HasExited, "Redis ended at once");
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[64];
            return await client.GetStream().ReadAsync(answer) > 0 && answer.AsSpan().StartsWith("+PONG"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>One Redis for all tests that only need some: each has a prefix of its own.</summary>
public sealed class SharedRedis : IAsyncDisposable
{
    private readonly Lazy<Task<RedisServer>> _server = new(() => RedisServer.StartAsync("--appendfsync", "everysec"));
    private int _prefixes;

    internal Task<RedisServer> ServerAsync() => _server.Value;

    public string NewPrefix() => $"test-{Interlocked.Increment(ref _prefixes)}";

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
            await (await _server.Value).DisposeAsync();
    }
}
