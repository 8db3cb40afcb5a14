using System.Text;
using System.Text.Json;
using Amazon.S3.Model;
using Detector.Adapters.Aws.S3;

namespace Detector.Tests.Adapters.Aws.S3;

public sealed class S3NotificationTests
{
    private const string Record = """
        {"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2026-11-09T09:05:00.123Z","eventName":"ObjectCreated:Put",
        "s3":{"s3SchemaVersion":"1.0","bucket":{"name":"trail","arn":"arn:aws:s3:::trail"},"object":{"key":"a+b/c%2Bd%C3%BC.gz","size":7,"eTag":"0123","sequencer":"1"}}}
        """;

    private const string Bridge = """
        {"version":"0","id":"1","detail-type":"Object Created","source":"aws.s3","account":"111122223333","time":"2026-11-09T09:05:00Z","region":"eu-west-1",
        "resources":["arn:aws:s3:::trail"],"detail":{"version":"0","bucket":{"name":"trail"},"object":{"key":"a+b/c%2Bd.gz","size":7,"etag":"0123","version-id":"v1"},"reason":"PutObject"}}
        """;

    private static readonly DateTimeOffset At = new(2026, 11, 9, 9, 5, 0, TimeSpan.Zero);

    [Fact]
    public void Read_Direct_NamesObjectsDecoded()
    {
        var told = Read($$"""{"Records":[{{Record}},{{Record.Replace("ObjectCreated:Put", "ObjectRemoved:Delete", StringComparison.Ordinal)}}]}""");

        Assert.Equal([new S3Name("trail", "a b/c+dü.gz")], told!.Objects);
        Assert.Equal(At.AddMilliseconds(123), told.At);
    }

    [Fact]
    public void Read_EventBridge_NamesTheObjectAsItIs()
    {
        var told = Read(Bridge);

        Assert.Equal([new S3Name("trail", "a+b/c%2Bd.gz", Version: "v1")], told!.Objects);
        Assert.Equal(At, told.At);
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("bridge")]
    public void Read_WrappedBySns_IsTheSame(string shape)
    {
        var inner = shape is "direct" ? $$"""{"Records":[{{Record}}]}""" : Bridge;

        var told = Read($$"""{"Type":"Notification","MessageId":"1","TopicArn":"arn","Message":{{JsonSerializer.Serialize(inner)}}}""");

        Assert.Equal(Read(inner)!.Objects, told!.Objects);
        Assert.NotEmpty(told.Objects);
    }

    [Theory]
    [InlineData("""{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-09T09:05:00.000Z","Bucket":"trail","RequestId":"1","HostId":"2"}""")]
    [InlineData("""{"Type":"Notification","Message":"{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\"}"}""")]
    [InlineData("""{"detail-type":"Object Deleted","source":"aws.s3","detail":{"bucket":{"name":"trail"},"object":{"key":"k"}}}""")]
    public void Read_ToldOfNothingNew_NamesNoObject(string message) => Assert.Empty(Read(message)!.Objects);

    [Theory]
    [InlineData("""{"eventSource":"iam.amazonaws.com","userAgent":"aws:s3 aws.s3 s3:TestEvent"}""")]
    [InlineData("""{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"PutObject","userAgent":"aws:s3"}]}""")]
    [InlineData("""{"detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":{"eventSource":"s3.amazonaws.com"}}""")]
    [InlineData("""{"Records":[{"eventSource":"aws:s3","s3":{}},{"eventSource":"iam.amazonaws.com"}]}""")]
    [InlineData("""{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{},"object":{}}}]}""")]
    [InlineData("""{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":1,"object":[]}}]}""")]
    [InlineData("""{"Records":[],"x":"aws:s3"}""")]
    [InlineData("""aws:s3""")]
    [InlineData("""["aws:s3"]""")]
    [InlineData("""{"Type":"Notification","Message":"aws:s3"}""")]
    [InlineData("{}")]
    [InlineData("")]
    public void Read_AnythingElse_IsNoNotification(string message) => Assert.Null(Read(message));

    [Theory]
    [InlineData("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/09/a.json.gz")]
    [InlineData("a b+c/ü%2F&=?#")]
    public void Write_Object_IsReadAgain(string key)
    {
        var made = new S3Object
        {
            Key = key,
            Size = 7,
            ETag = "\"0123\"",
            LastModified = At.UtcDateTime,
        };

        var told = Read(S3Notification.Write(made, "trail"));

        Assert.Equal([new S3Name("trail", key)], told!.Objects);
        Assert.Equal(At, told.At);
    }

    private static S3Notification? Read(string message) => S3Notification.Read(Encoding.UTF8.GetBytes(message));
}
