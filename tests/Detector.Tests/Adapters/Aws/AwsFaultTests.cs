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

    [Theory]
    [InlineData("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")]
    [InlineData("RequestExpired", "Request has expired.")]
    [InlineData("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260101T014500Z (20260101T020000Z - 15 min.)")]
    [InlineData("InvalidSignatureException", "Signature not yet current: 20260101T040000Z is still later than 20260101T021500Z (20260101T020000Z + 15 min.)")]
    public void Of_ClockHasJumped_MendsItself(string code, string message) =>
        Assert.False(AwsFault.Of(new AmazonServiceException(message, null, ErrorType.Sender, code, "r", HttpStatusCode.Forbidden)).NeedsSomebody);

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

    [Theory]
    [InlineData("Unable to find the \"nope\" profile.", "Unable to find the \"nope\" profile.")]
    [InlineData(
        "Failed to resolve AWS credentials. The credential providers used to search for credentials returned the following errors:\n\nException 1 of 4: x",
        "no AWS credentials were found: no keys in the environment (AWS_ACCESS_KEY_ID), no profile (AWS_PROFILE) and no role of this machine that can be used"
    )]
    public void Of_NoCredentials_TellsWhichAreLookedForAndNeedsSomebody(string message, string text) =>
        Assert.Equal(new AwsFault("client", text, NeedsSomebody: true), AwsFault.Of(new AmazonClientException(message)));
}
