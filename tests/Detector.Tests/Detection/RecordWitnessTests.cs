using System.Text;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Core.Rules.Matchers;
using Detector.Core.Rules.Sigma;

namespace Detector.Tests.Detection;

public sealed class RecordWitnessTests
{
    /// <summary>Rules want some of the same fields, and of every record: the numbers are the witness's own.</summary>
    [Theory]
    [InlineData("{0}")]
    [InlineData("""{{"Records":[{0}]}}""")]
    [InlineData("""{{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.iam","detail":{0}}}""")]
    public void See_FieldsThatRulesWantToo_AreShownByTheirOwnNumbers(string wrapping)
    {
        var witness = new Listener(["awsRegion", "eventName", "userIdentity.arn", "awsRegion", "requestParameters.none"]);
        var rules = RuleSet.Compile(
            SigmaReader
                .Read("r.yml", "title: A\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {userIdentity.type: Root}, condition: s}\n")
                .Rules
        );
        var content = string.Format(
            null,
            wrapping,
            """{"eventName":"Do","eventSource":"x","awsRegion":"eu-\u0077est-1","userIdentity":{"type":"Root","arn":"a"},"eventTime":"2026-03-05T00:00:00Z"}"""
        );

        var judgement = new Judge(rules).Try(new EventBatch("f", Encoding.UTF8.GetBytes(content), Receipt.None), witness);

        Assert.Equal(["eu-west-1", "Do", "a", "eu-west-1", null], Assert.Single(witness.Seen));
        Assert.Single(judgement.Hits);
    }

    [Fact]
    public void See_AnotherWitness_IsShownWhatItWants()
    {
        var judge = new Judge(RuleSet.Empty);
        var (first, second) = (new Listener(["a", "b"]), new Listener(["b"]));
        var batch = new EventBatch("f", Encoding.UTF8.GetBytes("""{"eventName":"Do","eventSource":"x","a":"1","b":"2"}"""), Receipt.None);

        judge.Try(batch, first);
        judge.Try(batch, second);
        judge.Try(batch);
        judge.Try(batch, first);

        Assert.Equal(2, first.Seen.Count);
        Assert.All(first.Seen, seen => Assert.Equal(["1", "2"], seen));
        Assert.Equal(["2"], Assert.Single(second.Seen));
    }

    private sealed class Listener(IReadOnlyList<string> fields) : IRecordWitness
    {
        public List<string?[]> Seen { get; } = [];

        public IReadOnlyList<string> Fields => fields;

        public void See(string origin, in CloudTrailEvent record, ReadOnlySpan<int> numbers)
        {
            var view = new RecordView(record.Json, record.FieldText, record.Fields, null);
            var seen = new List<string?>();
            foreach (var number in numbers)
                seen.Add(view.TryFirstText(number, out var text) ? Encoding.UTF8.GetString(text) : null);
            Seen.Add([.. seen]);
        }
    }
}
