using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Detector.Adapters.Http;

/// <summary>
/// Decides who may talk to this machine's listeners: the intake and the status page. On loopback any program of this machine may, but a web page in a browser of
/// this machine must not: it could feed in invented events, fill the spool, or read what was alerted. Browsers name the page in <c>Origin</c> with every request
/// across sites that matters, and no other sender sets it. A page whose name was made to point to 127.0.0.1 (DNS rebinding) is of the same origin to the browser,
/// but its name is still in <c>Host</c>, where only ours is right. Beyond loopback the token does all that, because no page knows it; by which names the machine
/// is reached there, only its owner knows.
/// </summary>
internal sealed class RequestGuard
{
    private readonly IPAddress _address;
    private readonly byte[]? _token;

    /// <param name="address">Where it listens.</param>
    /// <param name="token">What must be shown; null if nothing must.</param>
    /// <exception cref="ArgumentException">Listening beyond loopback without a token.</exception>
    public RequestGuard(IPAddress address, string? token)
    {
        if (string.IsNullOrWhiteSpace(token) && !IPAddress.IsLoopback(address))
            throw new ArgumentException($"beyond loopback ({address}) a listener needs a token", nameof(token));
        _address = address;
        _token = string.IsNullOrWhiteSpace(token) ? null : Digest(token);
    }

    /// <summary>Null if the request may pass; else the answer to it.</summary>
    public Refusal? Judge(HttpRequest request, bool needsToken)
    {
        if (request.Headers.ContainsKey("Origin"))
            return new Refusal(StatusCodes.Status403Forbidden, "web pages may not call this (the request has an Origin header)");
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
    private bool IsRight(string authorization) => CryptographicOperations.FixedTimeEquals(Digest(TokenOf(authorization)), _token);

    /// <summary>The token as a program shows it, or as the password that a browser asked its user for.</summary>
    private static string TokenOf(string authorization)
    {
        const string bearer = "Bearer ";
        const string basic = "Basic ";
        if (authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[bearer.Length..].Trim();
        var password = new byte[authorization.Length];
        return
            authorization.StartsWith(basic, StringComparison.OrdinalIgnoreCase)
            && Convert.TryFromBase64String(authorization[basic.Length..].Trim(), password, out var length)
            && Encoding.UTF8.GetString(password, 0, length) is var pair
            && pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? pair[(colon + 1)..]
            : "";
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

/// <summary>An answer that takes nothing.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">Why, for the person behind the sender.</param>
internal sealed record Refusal(int Status, string Reason);
