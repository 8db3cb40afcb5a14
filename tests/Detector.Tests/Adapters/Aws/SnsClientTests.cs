using System.Net;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Detector.Adapters.Aws;

namespace Detector.Tests.Adapters.Aws;

public class SnsClientTests
{
    private static readonly TopicMessage Message = new(
        "arn:aws:sns:eu-central-1:111122223333:alerts",
        "[high] Zoë & co",
        "{\"default\":\"a+b=c\"}",
        [new TopicAttribute("severity", "String", "high")]
    );

    [Fact]
    public async Task PublishAsync_Message_IsSignedAndInTheFormThatSnsReads()
    {
        var wire = new Wire(HttpStatusCode.OK, "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>");

        var answer = await PublishAsync(wire);

        Assert.Equal(new PublishAnswer(PublishFate.Published, "m-1"), answer);
        Assert.Equal("https://sns.eu-central-1.amazonaws.com/", wire.Address!.AbsoluteUri);
        Assert.Contains("/eu-central-1/sns/aws4_request", wire.Authorization, StringComparison.Ordinal);
        Assert.Equal(
            "Action=Publish&Message=%7B%22default%22%3A%22a%2Bb%3Dc%22%7D&MessageAttributes.entry.1.Name=severity"
                + "&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=high&MessageStructure=json"
                + "&Subject=%5Bhigh%5D%20Zo%C3%AB%20%26%20co&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A111122223333%3Aalerts&Version=2010-03-31",
            wire.Body
        );
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "Throttled", "Rate exceeded", PublishFate.NotNow)]
    [InlineData(HttpStatusCode.InternalServerError, "InternalError", "x", PublishFate.NotNow)]
    [InlineData(HttpStatusCode.NotFound, "NotFound", "Topic does not exist", PublishFate.Misconfigured)]
    [InlineData(HttpStatusCode.Forbidden, "AuthorizationError", "User is not authorized to perform: SNS:Publish", PublishFate.Misconfigured)]
    [InlineData(HttpStatusCode.BadRequest, "InvalidParameter", "Invalid parameter: TopicArn", PublishFate.Misconfigured)]
    [InlineData(HttpStatusCode.BadRequest, "KMSDisabled", "The key is disabled", PublishFate.Misconfigured)]
    [InlineData(HttpStatusCode.BadRequest, "InvalidParameter", "Invalid parameter: Message too long", PublishFate.Rejected)]
    [InlineData(HttpStatusCode.BadRequest, "InvalidParameter", "Invalid parameter: Subject", PublishFate.Rejected)]
    public async Task PublishAsync_ErrorAnswer_TellsWhetherWaitingAnOperatorOrNothingMendsIt(HttpStatusCode status, string code, string text, PublishFate fate)
    {
        var wire = new Wire(status, $"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error></ErrorResponse>");

        var answer = await PublishAsync(wire);

        Assert.Equal((fate, code), (answer.Fate, answer.Code));
        Assert.Contains(text, answer.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>busy</html>")]
    [InlineData("")]
    public async Task PublishAsync_AnswerOfSomethingElse_IsAnAnswerToo(string body)
    {
        var answer = await PublishAsync(new Wire(HttpStatusCode.BadGateway, body));

        Assert.Equal(PublishFate.NotNow, answer.Fate);
    }

    [Theory]
    [InlineData("us-east-1", false, false, "https://sns.us-east-1.amazonaws.com/")]
    [InlineData("cn-north-1", false, false, "https://sns.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-west-2", true, false, "https://sns-fips.us-west-2.amazonaws.com/")]
    [InlineData("us-gov-west-1", true, false, "https://sns.us-gov-west-1.amazonaws.com/")]
    [InlineData("eu-west-1", false, true, "https://sns.eu-west-1.api.aws/")]
    public void DetermineServiceOperationEndpoint_Region_IsWhereSnsIs(string region, bool fips, bool dualStack, string expected)
    {
        var config = new SnsConfig
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(region),
            UseFIPSEndpoint = fips,
            UseDualstackEndpoint = dualStack,
        };

        var endpoint = config.DetermineServiceOperationEndpoint(null!);

        Assert.Equal(expected, endpoint.URL);
    }

    private static async Task<PublishAnswer> PublishAsync(Wire wire)
    {
        var config = new SnsConfig
        {
            RegionEndpoint = RegionEndpoint.EUCentral1,
            HttpClientFactory = wire,
            MaxErrorRetry = 0,
        };
        using var client = new SnsClient(new BasicAWSCredentials("AKIAEXAMPLE", "secret"), config);
        return await client.PublishAsync(Message, TestContext.Current.CancellationToken);
    }

    /// <summary>Keeps the request and gives one answer, in the place of the network.</summary>
    private sealed class Wire(HttpStatusCode status, string answer) : HttpClientFactory
    {
        public Uri? Address { get; private set; }

        public string? Authorization { get; private set; }

        public string? Body { get; private set; }

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new Handler(this));

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        private sealed class Handler(Wire wire) : HttpMessageHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                wire.Address = request.RequestUri;
                wire.Authorization = string.Join(',', request.Headers.GetValues("Authorization"));
                wire.Body = await request.Content!.ReadAsStringAsync(cancellationToken);
                return new HttpResponseMessage(wire.Status) { Content = new StringContent(wire.Answer, Encoding.UTF8, "text/xml") };
            }
        }

        private HttpStatusCode Status => status;

        private string Answer => answer;
    }
}
