using System.Net;
using Detector.Adapters.Http;
using Microsoft.AspNetCore.Http;

namespace Detector.Tests.Adapters.Http;

public sealed class RequestGuardTests
{
    private static Refusal? Judge(IntakeOptions options, string host, string? authorization = null, string? origin = null, bool needsToken = true)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString(host);
        if (authorization is not null)
            request.Headers.Authorization = authorization;
        if (origin is not null)
            request.Headers.Origin = origin;
        return new RequestGuard(options.Address, options.Token).Judge(request, needsToken);
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("LOCALHOST")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("127.0.0.2")]
    [InlineData("[::1]:8080")]
    public void Judge_LoopbackNames_Pass(string host) => Assert.Null(Judge(new IntakeOptions(), host));

    [Theory]
    [InlineData("")]
    [InlineData("evil.example")]
    [InlineData("evil.example:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.0.2.1")]
    public void Judge_OtherNamesOnLoopback_AreForbidden(string host) => Assert.Equal(403, Judge(new IntakeOptions(), host)?.Status);

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost:8080")]
    [InlineData("null")]
    public void Judge_FromAPage_IsForbidden(string origin) => Assert.Equal(403, Judge(new IntakeOptions(), "localhost", origin: origin)?.Status);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer secret-token-")]
    [InlineData("Bearer secret-token-12")]
    [InlineData("Bearer SECRET-TOKEN-1")]
    [InlineData("Basic secret-token-1")]
    [InlineData("Basic c2VjcmV0LXRva2VuLTE=")] // the token without a user
    [InlineData("Basic dXNlcjpzZWNyZXQtdG9rZW4t")] // user:secret-token-
    [InlineData("Basic !")]
    [InlineData("secret-token-1")]
    public void Judge_WithoutTheToken_IsUnauthorized(string? authorization)
    {
        var refusal = Judge(new IntakeOptions { Token = "secret-token-1" }, "localhost", authorization);

        Assert.Equal(401, refusal?.Status);
        Assert.DoesNotContain("secret-token-1", refusal?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer secret-token-1")]
    [InlineData("bearer  secret-token-1 ")]
    [InlineData("Basic dXNlcjpzZWNyZXQtdG9rZW4tMQ==")] // user:secret-token-1, as a browser sends it
    public void Judge_WithTheToken_Passes(string authorization) =>
        Assert.Null(Judge(new IntakeOptions { Address = IPAddress.Any, Token = "secret-token-1" }, "siem.example:8080", authorization));

    [Fact]
    public void Judge_HealthWithoutToken_Passes() => Assert.Null(Judge(new IntakeOptions { Token = "secret-token-1" }, "localhost", needsToken: false));

    [Theory]
    [InlineData("0.0.0.0", null)]
    [InlineData("::", "")]
    [InlineData("192.0.2.1", "  ")]
    public void New_BeyondLoopbackWithoutToken_Throws(string address, string? token) =>
        Assert.Throws<ArgumentException>(() => new RequestGuard(IPAddress.Parse(address), token));

    [Fact]
    public void Options_Printed_HideTheToken() =>
        Assert.DoesNotContain("secret-token-1", new IntakeOptions { Token = "secret-token-1" }.ToString(), StringComparison.Ordinal);
}
