using System.Net;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Detector.Adapters.Aws;
using Detector.Adapters.Aws.History;

namespace Detector.Tests.Adapters.Aws;

public sealed class CloudTrailClientTests
{
    [Fact]
    public async Task LookupAsync_Query_IsSignedAndInTheFormThatCloudTrailReads()
    {
        var wire = new Wire(HttpStatusCode.OK, """{"Events":[{"EventId":"1","CloudTrailEvent":"{\"eventID\":\"1\"}","EventTime":1.7E9},{}],"NextToken":"t"}""");

        var page = await LookupAsync(wire, new HistoryQuery(Time(1_772_582_400_123), Time(1_772_668_799_999), "before"));

        Assert.Equal(["""{"eventID":"1"}"""], page.Records);
        Assert.Equal("t", page.NextToken);
        Assert.Equal("https://cloudtrail.eu-central-1.amazonaws.com/", wire.Address!.AbsoluteUri);
        Assert.Equal("""{"StartTime":1772582400.123,"EndTime":1772668799.999,"MaxResults":50,"NextToken":"before"}""", wire.Body);
        Assert.Equal("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", wire.Target);
        Assert.Equal("application/x-amz-json-1.1", wire.ContentType);
        Assert.Contains("/eu-central-1/cloudtrail/aws4_request", wire.Authorization, StringComparison.Ordinal);
        Assert.Contains("x-amz-target", wire.Authorization, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LookupAsync_NothingGiven_AsksForNothingInParticular()
    {
        var wire = new Wire(HttpStatusCode.OK, """{"Events":[]}""");

        var page = await LookupAsync(wire, new HistoryQuery(null, null));

        Assert.Equal("""{"MaxResults":50}""", wire.Body);
        Assert.Empty(page.Records);
        Assert.Null(page.NextToken);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, """{"__type":"ThrottlingException","message":"Rate exceeded"}""", "ThrottlingException", false)]
    [InlineData(
        HttpStatusCode.BadRequest,
        """{"__type":"com.amazonaws.cloudtrail.v20131101#InvalidTimeRangeException","message":"no"}""",
        "InvalidTimeRangeException",
        true
    )]
    [InlineData(HttpStatusCode.BadRequest, """{"__type":"AccessDeniedException","Message":"not authorized"}""", "AccessDeniedException", true)]
    [InlineData(HttpStatusCode.BadGateway, "<html>", "BadGateway", false)]
    public async Task LookupAsync_ErrorAnswer_TellsItsCode(HttpStatusCode status, string body, string code, bool needsSomebody)
    {
        var error = await Assert.ThrowsAnyAsync<AmazonServiceException>(() => LookupAsync(new Wire(status, body), new HistoryQuery(null, null)));

        var fault = AwsFault.Of(error);
        Assert.Equal((code, needsSomebody), (fault.Code, fault.NeedsSomebody));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[1]")]
    public async Task LookupAsync_AnswerOfSomethingElse_IsAnErrorOfTheClient(string body) =>
        await Assert.ThrowsAnyAsync<AmazonServiceException>(() => LookupAsync(new Wire(HttpStatusCode.OK, body), new HistoryQuery(null, null)));

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static async Task<HistoryPage> LookupAsync(Wire wire, HistoryQuery query)
    {
        var config = new CloudTrailConfig
        {
            RegionEndpoint = RegionEndpoint.EUCentral1,
            HttpClientFactory = wire,
            MaxErrorRetry = 0,
        };
        using var client = new CloudTrailClient(new BasicAWSCredentials("AKIAEXAMPLE", "secret"), config);
        return await client.LookupAsync(query, TestContext.Current.CancellationToken);
    }

    /// <summary>Keeps the request and gives one answer, in the place of the network.</summary>
    private sealed class Wire(HttpStatusCode status, string answer) : HttpClientFactory
    {
        public Uri? Address { get; private set; }

        public string? Authorization { get; private set; }

        public string? Target { get; private set; }

        public string? ContentType { get; private set; }

        public string? Body { get; private set; }

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new Handler(this, status, answer));

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        private sealed class Handler(Wire wire, HttpStatusCode status, string answer) : HttpMessageHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                wire.Address = request.RequestUri;
                wire.Authorization = string.Join(',', request.Headers.GetValues("Authorization"));
                wire.Target = string.Join(',', request.Headers.GetValues("X-Amz-Target"));
                wire.ContentType = request.Content!.Headers.ContentType!.ToString();
                wire.Body = await request.Content.ReadAsStringAsync(cancellationToken);
                return new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8, "application/x-amz-json-1.1") };
            }
        }
    }
}
