using System.Diagnostics;
using System.Text;
using Detector.Integration.Tests.Aws;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Detector.Integration.Tests.MassTransit;

/// <summary>
/// A real RabbitMQ of a test's own, which can be killed and started again where it was. Nothing of it is shared with a broker that the machine runs:
/// its files, its ports, its cookie and the port mapper of Erlang (epmd) are its own.
/// </summary>
internal sealed class RabbitBroker : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-rabbitmq-");
    private readonly int _port = Ports.Free();
    private readonly int _nodes = Ports.Free();
    private readonly int _mapperPort = Ports.Free();
    private Process _mapper = null!;
    private Process _server = null!;

    private RabbitBroker() { }

    /// <summary>In the form of MassTransit.</summary>
    public Uri Address => new($"rabbitmq://127.0.0.1:{_port}/");

    /// <summary>Starts a broker; skips the test where there is none.</summary>
    public static async Task<RabbitBroker> StartAsync()
    {
        var broker = new RabbitBroker();
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>The same port, the same files.</summary>
    public async Task StartAgainAsync()
    {
        var server = Requires.RabbitMq();
        // By itself Erlang starts one that outlives it.
        _mapper = Start("epmd", "-port", $"{_mapperPort}", "-address", "127.0.0.1");
        _server = Start(server, "-noinput");
        await Eventually.TrueAsync(AnswersAsync, "RabbitMQ answers");
    }

    /// <summary>SIGKILL, to all that belongs to it.</summary>
    public async Task KillAsync()
    {
        foreach (var process in new[] { _server, _mapper })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Sends messages as somebody without MassTransit would; the broker has written every one to its disk when this returns.</summary>
    public async Task SendAsync(string queue, params IEnumerable<string> bodies)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)
        );
        var durable = new BasicProperties { Persistent = true };
        await Task.WhenAll(bodies.Select(body => channel.BasicPublishAsync("", queue, mandatory: true, durable, Encoding.UTF8.GetBytes(body)).AsTask()));
    }

    /// <summary>How many messages of a queue are not acknowledged yet, which are those that are there when nobody has any in hand.</summary>
    public async Task<uint> WaitingAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    /// <summary>Takes the next message of a queue: its body, and its headers as text.</summary>
    public async Task<(string Body, IReadOnlyDictionary<string, string> Headers)> TakeAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        BasicGetResult? message = null;
        await Eventually.TrueAsync(async () => (message = await GetAsync(connection, queue)) is not null, $"a message is in {queue}");
        var headers = message!.BasicProperties.Headers ?? new Dictionary<string, object?>();
        return (Encoding.UTF8.GetString(message.Body.Span), headers.ToDictionary(header => header.Key, header => TextOf(header.Value)));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<BasicGetResult?> GetAsync(IConnection connection, string queue)
    {
        // A queue that is not there yet costs the channel.
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return await channel.BasicGetAsync(queue, autoAck: true);
        }
        catch (OperationInterruptedException)
        {
            return null;
        }
    }

    private static string TextOf(object? value) => value is byte[] text ? Encoding.UTF8.GetString(text) : $"{value}";

    private Task<IConnection> ConnectAsync() => new ConnectionFactory { HostName = "127.0.0.1", Port = _port }.CreateConnectionAsync();

    private Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.FullName,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.Split('_')[0] is "RABBITMQ" or "ERL").ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in Settings())
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        return process;
    }

    private Dictionary<string, string> Settings()
    {
        var plugins = Path.Combine(_folder.FullName, "plugins");
        File.WriteAllText(plugins, "[].");
        return new()
        {
            ["HOME"] = _folder.FullName,
            ["ERL_EPMD_PORT"] = $"{_mapperPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = "detector@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_DIST_PORT"] = $"{_nodes}",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder.FullName, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder.FullName, "log"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder.FullName, "none.conf"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder.FullName, "none"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(_folder.FullName, "none.config"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder.FullName, "pid"),
            // The script then becomes the server, instead of a shell that waits for it.
            ["RABBITMQ_ALLOW_INPUT"] = "1",
        };
    }

    private async Task<bool> AnswersAsync()
    {
        Assert.False(_server.HasExited, "RabbitMQ ended at once");
        try
        {
            await using var connection = await ConnectAsync();
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }
}
