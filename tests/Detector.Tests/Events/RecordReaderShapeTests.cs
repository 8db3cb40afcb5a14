using System.Text.Json;

namespace Detector.Tests.Events;

/// <summary>Every shape in which records travel.</summary>
public sealed class RecordReaderShapeTests
{
    private const string A = """{"eventVersion":"1.10","eventName":"A","eventID":"1"}""";
    private const string B = """{"eventVersion":"1.10","eventName":"B","eventID":"2"}""";

    [Theory]
    [InlineData($$"""{"Records":[{{A}},{{B}}]}""")]
    [InlineData($$"""{ "Records" : [ {{A}} , {{B}} ] }""")]
    [InlineData($$"""{"logFile":"x","Records":[{{A}},{{B}}]}""")]
    [InlineData($$"""{"Records":[{{A}},{{B}}],"next":{"Records":["]}"]},"n":[1,{"a":"}"}]}""")]
    [InlineData($$"""{"a":[{"Records":[]}],"Records":[{{A}},{{B}}],"b":"]}","c":null}""")]
    [InlineData($"[{A},{B}]")]
    [InlineData($"[{A}]\n[{B}]")]
    [InlineData($"{A}\n{B}\n")]
    [InlineData($"{A}\r\n\r\n{B}")]
    [InlineData($"{A}{B}")]
    [InlineData($"\uFEFF{A}{B}")]
    [InlineData($$"""{"Records":[{{A}}]}{"Records":[{{B}}]}""")]
    [InlineData($$"""{"Records":[],"x":1}{{A}}{"Records":[{{B}}],"y":2}""")]
    [InlineData($$"""{"\u0052ecords":[{{A}},{{B}}]}""")]
    public void Read_Wrapping_BothRecords(string text)
    {
        var read = Reading.Of(text);

        Assert.Equal(["A", "B"], read.Names);
        Assert.Equal([A, B], read.Records.Select(r => r.Json));
        Assert.Equal([0, 1], read.Records.Select(r => r.Index));
        Assert.Empty(read.Problems);
    }

    [Fact]
    public void Read_ManyRecordsObjectsWithFurtherKeys_NoRecursion()
    {
        // Each of them takes a step; a step that calls the next one would use up the stack.
        var text = string.Concat(Enumerable.Repeat("""{"Records":[],"":1}""", 200_000)) + A;

        var read = Reading.Of(text);

        Assert.Equal(["A"], read.Names);
    }

    [Fact]
    public void Read_PrettyPrinted_BothRecords()
    {
        var pretty = new JsonSerializerOptions { WriteIndented = true };
        var text = string.Join('\n', new[] { A, B }.Select(r => JsonSerializer.Serialize(JsonDocument.Parse(r), pretty)));

        Assert.Equal(["A", "B"], Reading.Of(text).Names);
        Assert.Equal(["A", "B"], Reading.Of($"[\n{text.Replace("}\n{", "},\n{", StringComparison.Ordinal)}\n]").Names);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\r\n ")]
    [InlineData("\uFEFF")]
    [InlineData("[]")]
    [InlineData("""{"Records":[]}""")]
    [InlineData("""{"Records":[],"a":{}}""")]
    public void Read_NothingInside_Nothing(string text)
    {
        var read = Reading.Of(text);

        Assert.Empty(read.Records);
        Assert.Empty(read.Problems);
    }

    [Theory]
    [InlineData("AWS API Call via CloudTrail")]
    [InlineData("AWS Console Sign In via CloudTrail")]
    [InlineData("AWS Console Sign-In via CloudTrail")]
    [InlineData("AWS Console SignIn via CloudTrail")]
    [InlineData("AWS Service Event via CloudTrail")]
    [InlineData("AWS Insight via CloudTrail")]
    [InlineData("aws api call VIA CLOUDTRAIL")]
    [InlineData("""AWS API Call via Cloud\u0054rail""")]
    public void Read_Envelope_ItsDetail(string detailType)
    {
        var read = Reading.Of($$"""{"version":"0","id":"e","detail-type":"{{detailType}}","source":"aws.iam","resources":[],"detail":{{A}}}""");

        Assert.Equal([A], read.Records.Select(r => r.Json));
        Assert.Equal(["A"], read.Names);
    }

    [Fact]
    public void Read_EnvelopesInEveryOrderOfKeys_ItsDetail()
    {
        var first = Reading.Of($$"""{"detail":{{A}},"detail-type":"AWS API Call via CloudTrail"}""");
        var lines = Reading.Of(
            $$"""[{"detail-type":"AWS API Call via CloudTrail","detail":{{A}}},{"detail":{{B}},"detail-type":"AWS API Call via CloudTrail"}]"""
        );

        Assert.Equal(["A"], first.Names);
        Assert.Equal(["A", "B"], lines.Names);
    }

    [Theory]
    [InlineData("EC2 Instance State-change Notification")]
    [InlineData("Scheduled Event")]
    [InlineData("")]
    public void Read_ForeignEnvelope_PassedOver(string detailType)
    {
        var read = Reading.Of($$"""{"detail-type":"{{detailType}}","detail":{"eventName":"X"} }{{A}}""");

        Assert.Equal(["A"], read.Names);
        Assert.Equal(1, read.Foreign);
        Assert.Empty(read.Problems);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("[]")]
    public void Read_EnvelopeWithOddDetail_Told(string detail)
    {
        var read = Reading.Of($$"""[{"detail-type":"AWS API Call via CloudTrail","detail":{{detail}}},{{A}}]""");

        Assert.Equal(["A"], read.Names);
        Assert.Equal("the envelope's detail is not an object", Assert.Single(read.Problems).Reason);
    }

    [Fact]
    public void Read_EnvelopeWhoseDetailIsClosedWrongly_ToldAndNeighbourRead()
    {
        var read = Reading.Of("""{"detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"X"]}""" + "\n" + A);

        Assert.Equal(["A"], read.Names);
        Assert.Contains("wrong kind", Assert.Single(read.Problems).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(A, new[] { "A" })]
    [InlineData($$"""{"Records":[{{A}},{{B}}]}""", new[] { "A", "B" })]
    [InlineData($$"""{"detail-type":"AWS API Call via CloudTrail","detail":{{A}}}""", new[] { "A" })]
    [InlineData($"[{A},{B}]", new[] { "A", "B" })]
    [InlineData("", new string[0])]
    public void Read_Notification_WhatItsMessageHolds(string message, string[] names)
    {
        var text = Notification(message);

        var alone = Reading.Of(text);
        var among = Reading.Of($"[{text},{B},{text}]");

        Assert.Equal(names, alone.Names);
        Assert.Equal([.. names, "B", .. names], among.Names);
        Assert.Empty(alone.Problems);
        Assert.Equal(Enumerable.Range(0, among.Records.Count), among.Records.Select(r => r.Index));
    }

    [Fact]
    public void Read_NotificationWithBrokenMessage_ToldAndNeighbourRead()
    {
        var read = Reading.Of(Notification("""{"eventName":""") + B);

        Assert.Equal(["B"], read.Names);
        Assert.Equal("the text ends inside the record (inside the message of an SNS notification)", Assert.Single(read.Problems).Reason);
    }

    [Fact]
    public void Read_NotificationInsideNotification_Told()
    {
        var read = Reading.Of(Notification(Notification(A)) + B);

        Assert.Equal(["B"], read.Names);
        Assert.Contains("a notification inside a notification", Assert.Single(read.Problems).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Digest_PassedOver()
    {
        var read = Reading.Of("""{"awsAccountId":"111122223333","digestStartTime":"2026-01-01T00:00:00Z","logFiles":[{"s3Bucket":"b"}]}""");

        Assert.Empty(read.Records);
        Assert.Empty(read.Problems);
        Assert.Equal(1, read.Foreign);
    }

    [Fact]
    public void Read_Insight_Record()
    {
        var read = Reading.Of("""{"eventVersion":"1.08","eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start","eventName":"RunInstances"}}""");

        Assert.Equal("", Assert.Single(read.Records).EventName);
    }

    [Fact]
    public void Read_RecordsObjectAmongRecords_Told()
    {
        var read = Reading.Of($$"""{"Records":[{"Records":[{{A}}]},{{B}}]}""");

        Assert.Equal(["B"], read.Names);
        Assert.Equal("an object of records inside an array", Assert.Single(read.Problems).Reason);
    }

    // What people have who join files by jq -s, by a script, or by hand.
    [Theory]
    [InlineData($$"""[{"Records":[{{A}}]},{{B}}]""")]
    [InlineData($$"""[{"Records":[{{A}}]},{"Records":[]},{"Records":[{{B}}],"n":1}]""")]
    [InlineData($$"""[{"n":1,"Records":[{{A}}]},{"n":[{}],"Records":[{{B}}]}]""")]
    [InlineData($"[[{A}],[],[{B}]]")]
    [InlineData($"[[[{A}]],{B}]")]
    [InlineData($$"""[[{"Records":[{{A}}]}]][{{B}}]""")]
    [InlineData($$"""{"Records":[{{A}}]}{"Records":[{{B}}]}""")]
    public void Read_WrappedTwice_BothRecords(string text)
    {
        var read = Reading.Of(text);

        Assert.Equal(["A", "B"], read.Names);
        Assert.Empty(read.Problems);
    }

    private static string Notification(string message) =>
        $$"""{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-central-1:111122223333:t","Message":{{JsonSerializer.Serialize(message)}}}""";
}
