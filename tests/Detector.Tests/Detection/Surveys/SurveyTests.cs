using System.Globalization;
using System.Text;
using Detector.Core.Detection;
using Detector.Core.Detection.Surveys;
using Detector.Core.Events;
using Detector.Core.Rules;
using FsCheck.Fluent;

namespace Detector.Tests.Detection.Surveys;

public sealed class SurveyTests
{
    private static readonly string[] Sources = ["iam.amazonaws.com", "ec2.amazonaws.com", "s3.amazonaws.com"];

    [Theory]
    [InlineData("\"eventName\":\"CreateUser\",\"readOnly\":false", 1, 0, 0, 0)]
    [InlineData("\"eventName\":\"ListUsers\",\"readOnly\":true", 0, 1, 0, 0)]
    [InlineData("\"eventName\":\"AssumeRole\",\"readOnly\":\"true\"", 0, 1, 0, 0)]
    [InlineData("\"eventName\":\"DescribeInstances\"", 0, 1, 0, 0)]
    [InlineData("\"eventName\":\"GetObject\",\"eventCategory\":\"Data\",\"readOnly\":true", 0, 0, 1, 0)]
    [InlineData("\"eventName\":\"PutObject\",\"managementEvent\":false", 0, 0, 1, 0)]
    [InlineData("\"eventName\":\"RunInstances\",\"eventCategory\":\"Insight\"", 0, 0, 0, 1)]
    [InlineData("\"requestID\":\"1\"", 0, 0, 0, 1)]
    public void Add_Record_IsCountedAsWhatItIs(string fields, int writes, int reads, int data, int others)
    {
        var survey = Of([$"{{\"eventVersion\":\"1.08\",\"eventSource\":\"ec2.amazonaws.com\",{fields}}}"]);

        Assert.Equal(new RecordCounts(writes, reads, data, others), survey.Total);
        Assert.Null(survey.First);
        Assert.Equal(1, survey.Sources("")["ec2.amazonaws.com"].All);
    }

    [Fact]
    public void Add_RecordsOfSeveralPlaces_AreToldApart()
    {
        var survey = Of([Record("iam.amazonaws.com", "111111111111", "us-east-1", 0), Record("ec2.amazonaws.com", "222222222222", "eu-west-1", 3)]);

        Assert.Equal(["111111111111", "222222222222"], survey.Accounts.Order());
        Assert.Equal(["ec2.amazonaws.com"], survey.Sources("222222222222").Keys);
        Assert.Equal(["eu-west-1", "us-east-1"], survey.Regions.Keys.Order());
        Assert.Equal(1, survey.RegionsOf("ec2.amazonaws.com"));
        Assert.Equal(0, survey.RegionsOf("s3.amazonaws.com"));
        Assert.Equal(2, survey.Days);
        Assert.Equal(TimeSpan.FromDays(3), survey.Last - survey.First);
    }

    [Fact]
    public void Add_RecordOutsideTheScope_IsNotCounted()
    {
        var survey = new Survey();
        var position = default(ReadPosition);
        var judge = new Judge(RuleSet.Empty, places: new PlaceScope([], ["us-east-1"]));

        judge.Try("a", Encoding.UTF8.GetBytes(Record("iam.amazonaws.com", "1", "eu-west-1", 0)), isLast: true, ref position, survey);

        Assert.Equal(0, survey.Total.All);
    }

    [Fact]
    public void Add_OtherSurveys_IsTheSurveyOfAll() =>
        Property.Holds(
            from records in (
                from source in Gen.Elements(Sources)
                from account in Gen.Elements("111111111111", "222222222222", "")
                from region in Gen.Elements("us-east-1", "eu-west-1")
                from day in Gen.Choose(0, 9)
                select Record(source, account, region, day)
            ).ListOf()
            from cut in Gen.Choose(0, records.Count)
            select (Records: records, Cut: cut),
            drawn =>
            {
                var sum = Of(drawn.Records.Take(drawn.Cut));
                sum.Add(Of(drawn.Records.Skip(drawn.Cut)));

                Assert.Equal(Told(Of(drawn.Records)), Told(sum));
            }
        );

    [Fact]
    public void Add_MoreNamesThanAreKept_StillCountsEveryRecord()
    {
        var survey = Of(
            Enumerable
                .Range(0, Survey.MaxNames + 10)
                .Select(i =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"eventName":"A","eventSource":"s{{i}}","awsRegion":"r{{i}}","recipientAccountId":"a{{i}}"}"""
                    )
                )
        );

        Assert.Equal(Survey.MaxNames + 10, survey.Total.All);
        Assert.Equal(Survey.MaxNames, survey.Accounts.Count());
        Assert.Equal(Survey.MaxNames, survey.Regions.Count);
    }

    private static string Record(string source, string account, string region, int day) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"eventName":"Do","eventTime":"2026-03-{{day + 1:D2}}T00:00:00Z","eventSource":"{{source}}","awsRegion":"{{region}}","recipientAccountId":"{{account}}"}"""
        );

    private static Survey Of(IEnumerable<string> records)
    {
        var survey = new Survey();
        var position = default(ReadPosition);
        new Judge(RuleSet.Empty).Try("a", Encoding.UTF8.GetBytes(string.Join('\n', records)), isLast: true, ref position, survey);
        return survey;
    }

    private static string Told(Survey survey) =>
        string.Join(
            '\n',
            survey
                .Accounts.SelectMany(account => survey.Sources(account).Select(source => $"{account} {source}"))
                .Concat(survey.Regions.Select(region => $"{region}"))
                .Concat(Sources.Select(source => $"{source} {survey.RegionsOf(source)}"))
                .Order(StringComparer.Ordinal)
                .Append($"{survey.Total} {survey.First} {survey.Last} {survey.Days}")
        );
}
