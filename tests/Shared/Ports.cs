using System.Net;
using System.Net.Sockets;

namespace Detector.Testing;

/// <summary>Ports that stay a test's own while nobody listens there.</summary>
internal static class Ports
{
    // Below those that systems give to outgoing connections: one of these could take the port meanwhile, or connect to itself. Each is given once.
    private const int First = 20_000;
    private const int Count = 12_000;
    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port of the loopback where nobody listens.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref _next) & int.MaxValue) % Count;
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there: the next one.
            }
        }
    }
}
