using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Detector.Adapters.Http;

/// <summary>
/// Decides who may talk to the intake. On loopback any program of this machine may, but a web page in a browser of this machine must not:
/// it could feed in invented events, or fill the spool. Browsers name the page in <c>Origin</c> with every POST across sites, and no other
/// sender sets it. A page whose name was made to point to 127.0.0.1 (DNS rebinding) is of the same origin to the browser, but its name is
/// still in <c>Host</c>, where only ours is right. Beyond loopback the token does all that, because no page knows it; by which names the
/// machine is reached there, only its owner knows.
/// </summary>
internal sealed class IntakeGuard
{
    private readonly IPAddress _address;
    private readonly byte[]? _token;

    /// <exception cref="ArgumentException">Listening beyond loopback without a token.</exception>
    public IntakeGuard(IntakeOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Token) && !IPAddress.IsLoopback(options.Address))
            throw new ArgumentException($"beyond loopback ({options.Address}) the intake needs a token", nameof(options));
        _address = options.Address;
        _token = string.IsNullOrWhiteSpace(options.Token) ? null : Digest(options.Token);
    }

    /// <summary>Null if the request may pass; else the answer to it.</summary>
    public Refusal? Judge(HttpRequest request, bool needsToken)
    {
        if (request.Headers.ContainsKey("Origin"))
            return new Refusal(StatusCodes.Status403Forbidden, "web pages may not send events (the request has an Origin header)");
        if (IPAddress.IsLoopback(_address) && !IsOurs(request.Host.Host))
            return new Refusal(StatusCodes.Status403Forbidden, "the Host header names another machine; use localhost or 127.0.0.1");
        if (needsToken && _token is not null && !IsRight(request.Headers.Authorization.ToString()))
            return new Refusal(StatusCodes.Status401Unauthorized, "send the token as Authorization: Bearer ...");
        return null;
    }

    private bool IsOurs(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && (IPAddress.IsLoopback(address) || address.Equals(_address)));

    /// <summary>Takes the same time whatever is wrong; digests are compared so that lengths do not show either.</summary>
    private bool IsRight(string authorization)
    {
        const string scheme = "Bearer ";
        return authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Digest(authorization[scheme.Length..].Trim()), _token);
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

/// <summary>An answer that takes nothing.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">Why, for the person behind the sender.</param>
internal sealed record Refusal(int Status, string Reason);
