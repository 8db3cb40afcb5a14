using System.Net;
using System.Net.Sockets;

namespace Detector.Integration.Tests.Aws;

/// <summary>A port of the loopback that leads to a server while it is open, and refuses connections and cuts those it has while it is closed.</summary>
internal sealed class TcpGate(Uri server) : IAsyncDisposable
{
    private readonly int _port = Ports.Free();
    private CancellationTokenSource? _open;
    private Task _serving = Task.CompletedTask;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public void Open()
    {
        _open = new CancellationTokenSource();
        var listener = new TcpListener(IPAddress.Loopback, _port);
        listener.Start();
        _serving = ServeAsync(listener, _open.Token);
    }

    public async Task CloseAsync()
    {
        if (_open is null)
            return;
        await _open.CancelAsync();
        await _serving;
        _open.Dispose();
        _open = null;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task ServeAsync(TcpListener listener, CancellationToken closing)
    {
        var passing = new List<Task>();
        try
        {
            while (true)
                passing.Add(PassAsync(await listener.AcceptTcpClientAsync(closing), closing));
        }
        catch (OperationCanceledException)
        {
            listener.Stop();
        }
        await Task.WhenAll(passing);
    }

    private async Task PassAsync(TcpClient client, CancellationToken closing)
    {
        using (client)
        using (var onward = new TcpClient())
        {
            try
            {
                await onward.ConnectAsync(server.Host, server.Port, closing);
                var (near, far) = (client.GetStream(), onward.GetStream());
                await Task.WhenAny(near.CopyToAsync(far, closing), far.CopyToAsync(near, closing));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One end went away, or the gate closed.
            }
        }
    }
}
