using System.Text;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;

namespace Detector.Tests.Rules;

/// <summary>A record that no rule wants leaves nothing behind for the collector.</summary>
public sealed class AllocationTests
{
    private static readonly RuleSet Rules = Matching.Load(Enumerable.Range(0, 1_000).Select(Rule));

    [Theory]
    [InlineData("RECORD")]
    [InlineData("""{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","detail":RECORD}""")]
    public void Match_RecordsThatNoRuleWants_NothingAllocated(string shape)
    {
        var records = Enumerable.Range(0, 50).Select(i => shape.Replace("RECORD", Record(i), StringComparison.Ordinal));
        var text = Encoding.UTF8.GetBytes(string.Join('\n', records));
        var matcher = new RuleMatcher(Rules);
        var fields = new FieldTable();
        var (read, matched) = (0, 0);
        Walk(); // learns the combinations of values, and is compiled

        // Where other tests press the collector it takes pooled buffers back, so that one round may have to rent anew. What a miss costs, each round would show.
        var allocated = Enumerable.Range(0, 3).Min(_ => Measure());

        Assert.Equal((15_050, 0, 0L), (read, matched, allocated));

        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                Walk();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Walk()
        {
            using var reader = new RecordReader(text, Rules.Selection, fields);
            while (reader.Read(out var record) == ReadResult.Record)
            {
                read++;
                matched += matcher.Match(record).Count;
            }
        }
    }

    [Fact]
    public void Try_BatchThatNoRuleWants_NothingAllocated()
    {
        var judge = new Judge(Rules);
        var batch = new EventBatch("t", Encoding.UTF8.GetBytes(Record(1)), Receipt.None, sentAt: DateTimeOffset.UnixEpoch);
        var tried = 0;
        Try();

        Assert.Equal(0, Enumerable.Range(0, 3).Min(_ => Measure()));
        Assert.Equal(301, tried);

        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                Try();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Try() => tried += judge.Try(batch).Records;
    }

    /// <summary>Most rules name events; some only a source, a type or an error.</summary>
    private static (string, string) Rule(int i)
    {
        var condition = (i % 20) switch
        {
            0 => $$""" "eventSource": "service{{i}}.amazonaws.com" """,
            1 => $$""" "userIdentity.type": "Root", "errorCode|startswith": "E{{i}}" """,
            2 => $$""" "errorCode": "Error{{i}}", "userAgent|contains": "agent{{i}}" """,
            3 => $$""" "eventName": "DescribeInstances", "requestParameters.filter{{i}}|contains": "x", "eventSource": "other.amazonaws.com" """,
            _ => $$""" "eventName": ["Put{{i}}", "Delete{{i}}"], "requestParameters.name{{i}}|endswith": "x" """,
        };
        return ($"r{i}.yml", $"title: rule {i}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{{condition}}}, condition: s}}\n");
    }

    private static string Record(int i) =>
        """
            {"eventVersion":"1.10","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/r/s"},
            "eventTime":"2026-01-01T00:00:SECONDZ","eventSource":"ec2.amazonaws.com","eventName":"NAME","awsRegion":"eu-central-1",
            "requestParameters":{"filterSet":{"items":[{"name":"n","valueSet":{"items":[{"value":"SECOND"}]}}]}},"responseElements":null,
            "eventID":"id-SECOND","readOnly":true,"eventType":"AwsApiCall"}
            """.Replace("\n", "", StringComparison.Ordinal).Replace("SECOND", $"{i:00}", StringComparison.Ordinal).Replace(
            "NAME",
            i % 2 == 0 ? "DescribeInstances" : "DescribeVolumes",
            StringComparison.Ordinal
        );
}
