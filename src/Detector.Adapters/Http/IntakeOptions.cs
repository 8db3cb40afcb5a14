using System.Net;

namespace Detector.Adapters.Http;

/// <summary>Where the embedded intake listens, and what it takes.</summary>
public sealed record IntakeOptions
{
    /// <summary>The address to listen on. Beyond loopback a <see cref="Token"/> is required.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>What senders must present (<c>Authorization: Bearer</c>); null to take events from anybody on this machine. Never logged.</summary>
    public string? Token { get; init; }

    /// <summary>Bytes of a body as sent; more is answered with 413.</summary>
    public int MaxBody { get; init; } = 10 * 1024 * 1024;

    /// <summary>Bytes of a gzip body once unpacked; more is answered with 413.</summary>
    public int MaxUnpacked { get; init; } = 64 * 1024 * 1024;

    /// <summary>Leaves the token out, whoever prints this.</summary>
    public override string ToString() => $"{Address}:{Port}";
}
