using System.Net;
using Amazon.Runtime;
using Detector.Adapters.Aws;

namespace Detector.Tests.Adapters.Aws;

public class AwsFaultTests
{
    [Fact]
    public void Of_SignatureRefused_DoesNotQuoteTheSignedRequest()
    {
        const string message = "The request signature we calculated does not match.\n\nThe Canonical String was\nx-amz-security-token:TOKEN";
        var refused = new AmazonServiceException(message, null, ErrorType.Sender, "SignatureDoesNotMatch", "r", HttpStatusCode.Forbidden);

        var fault = AwsFault.Of(refused);

        Assert.Equal("SignatureDoesNotMatch (HTTP 403): The request signature we calculated does not match.", fault.Text);
        Assert.True(fault.NeedsSomebody);
    }

    [Theory]
    [InlineData("Throttled", HttpStatusCode.BadRequest)]
    [InlineData("KMSThrottlingException", HttpStatusCode.BadRequest)]
    [InlineData("Anything", HttpStatusCode.TooManyRequests)]
    [InlineData("Anything", HttpStatusCode.BadGateway)]
    public void Of_ThrottlingAndOutages_MendThemselves(string code, HttpStatusCode status) =>
        Assert.False(AwsFault.Of(new AmazonServiceException("x", null, ErrorType.Unknown, code, "r", status)).NeedsSomebody);

    [Fact]
    public void Of_NoNetwork_IsOneCauseWhateverTheException()
    {
        Exception[] exceptions =
        [
            new HttpRequestException("refused"),
            new TaskCanceledException("timed out"),
            new IOException("reset"),
            new AmazonServiceException("wrapped", new HttpRequestException("refused")),
        ];

        var faults = exceptions.Select(AwsFault.Of).ToList();

        Assert.All(faults, fault => Assert.Equal(("unreachable", false), (fault.Code, fault.NeedsSomebody)));
    }

    [Fact]
    public void Of_NoCredentials_NeedsSomebody() => Assert.True(AwsFault.Of(new AmazonClientException("no credentials")).NeedsSomebody);
}
