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

    [Fact]
    public async Task PublishBatchAsync_Messages_AreEntriesOfOneCallAndEachHasItsAnswer()
    {
        var wire = new Wire(
            HttpStatusCode.OK,
            """
            <PublishBatchResponse><PublishBatchResult>
              <Failed>
                <member><Id>1</Id><Code>InternalError</Code><Message>try later</Message><SenderFault>false</SenderFault></member>
                <member><SenderFault>true</SenderFault><Id>2</Id><Code>InvalidParameter</Code><Message>Invalid parameter: Message too long</Message></member>
              </Failed>
              <Successful><member><Id>0</Id><MessageId>m-1</MessageId></member></Successful>
            </PublishBatchResult></PublishBatchResponse>
            """
        );
        using var client = Client(wire);

        var answers = await client.PublishBatchAsync(
            [Message, Message, Message with { Fifo = new FifoPlace("g", "d") }, Message],
            TestContext.Current.CancellationToken
        );

        Assert.Equal(new PublishAnswer(PublishFate.Published, "m-1"), answers[0]);
        Assert.Equal((PublishFate.NotNow, "InternalError: try later"), (answers[1].Fate, answers[1].Reason));
        Assert.Equal((PublishFate.Rejected, "InvalidParameter"), (answers[2].Fate, answers[2].Code));
        // What SNS says nothing of is sent again.
        Assert.Equal(PublishFate.NotNow, answers[3].Fate);
        var fields = wire.Body!.Split('&');
        Assert.Contains("Action=PublishBatch", fields);
        Assert.Contains("TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A111122223333%3Aalerts", fields);
        Assert.Contains("PublishBatchRequestEntries.member.1.Id=0", fields);
        Assert.Contains("PublishBatchRequestEntries.member.1.Message=%7B%22default%22%3A%22a%2Bb%3Dc%22%7D", fields);
        Assert.Contains("PublishBatchRequestEntries.member.1.MessageStructure=json", fields);
        Assert.Contains("PublishBatchRequestEntries.member.1.Subject=%5Bhigh%5D%20Zo%C3%AB%20%26%20co", fields);
        Assert.Contains("PublishBatchRequestEntries.member.2.MessageAttributes.entry.1.Value.StringValue=high", fields);
        Assert.Contains("PublishBatchRequestEntries.member.3.MessageDeduplicationId=d", fields);
        Assert.Contains("PublishBatchRequestEntries.member.3.MessageGroupId=g", fields);
        Assert.DoesNotContain(fields, field => field.StartsWith("PublishBatchRequestEntries.member.1.MessageGroupId", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "BatchRequestTooLong", PublishFate.Rejected)]
    [InlineData(HttpStatusCode.BadRequest, "Throttled", PublishFate.NotNow)]
    [InlineData(HttpStatusCode.Forbidden, "AuthorizationError", PublishFate.Misconfigured)]
    public async Task PublishBatchAsync_ErrorAnswer_IsTheAnswerForEach(HttpStatusCode status, string code, PublishFate fate)
    {
        using var client = Client(new Wire(status, $"<ErrorResponse><Error><Code>{code}</Code><Message>x</Message></Error></ErrorResponse>"));

        var answers = await client.PublishBatchAsync([Message, Message], TestContext.Current.CancellationToken);

        Assert.Equal([(fate, code), (fate, code)], answers.Select(answer => (answer.Fate, answer.Code)));
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
        using var client = Client(wire);
        return await client.PublishAsync(Message, TestContext.Current.CancellationToken);
    }

    private static SnsClient Client(Wire wire)
    {
        var config = new SnsConfig
        {
            RegionEndpoint = RegionEndpoint.EUCentral1,
            HttpClientFactory = wire,
            MaxErrorRetry = 0,
        };
        return new SnsClient(new BasicAWSCredentials("AKIAEXAMPLE", "secret"), config);
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
