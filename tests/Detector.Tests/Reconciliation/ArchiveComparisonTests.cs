using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Reconciliation;
using Detector.Core.Rules;
using Detector.Tests.Delivery;

namespace Detector.Tests.Reconciliation;

public sealed class ArchiveComparisonTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Kinds_SomeCame_TheRestOfTheSortShouldHave()
    {
        string[] records =
        [
            Record("w1", "CreateKey"),
            Record("w2", "CreateKey"),
            Record("r1", "ListKeys", "\"readOnly\":true"),
            Record("r2", "GetKey"),
            Record("o1", "CreateFleet"),
            Record("or1", "DescribeFleet"),
            Record("d1", "GetObject", "\"eventCategory\":\"Data\""),
            Record("i1", "x", "\"eventCategory\":\"Insight\""),
            Record("l1", "CreateKey", $"\"requestParameters\":\"{new string('x', 262_000)}\""),
        ];

        var none = await CompareAsync(records, came: []);
        var some = await CompareAsync(records, came: ["w1", "r1"]);

        Assert.Equal("Write 0/2! Read 0/2 OtherWrite 0/1 OtherRead 0/1 Data 0/1 Other 0/1 TooLarge 0/1", Told(none));
        Assert.Equal("Write 1/1! Read 1/1! OtherWrite 0/1 OtherRead 0/1 Data 0/1 Other 0/1 TooLarge 0/1", Told(some));
        Assert.Equal(["w2"], some.Missed(MissedKind.Write).Select(missed => missed.EventId));
    }

    [Fact]
    public async Task Kinds_BeforeTheLedgerOrJustNow_AreNotCompared()
    {
        var comparison = await CompareAsync(
            [
                Record("old", "CreateKey", time: Noon.AddHours(-5)),
                Record("seen", "CreateKey", time: Noon.AddHours(-3)),
                Record("beside", "CreateKey", time: Noon.AddHours(-3)),
                Record("new", "CreateKey", time: Noon.AddMinutes(59)),
            ],
            came: ["seen"]
        );

        Assert.Equal("Write 1/1! Before 0/1 Recent 0/1", Told(comparison));
        Assert.Equal(["beside"], comparison.Missed(MissedKind.Write).Select(missed => missed.EventId));
    }

    [Fact]
    public async Task Record_TwiceInTheArchive_IsMissedOnce() =>
        Assert.Equal("Write 0/1!", Told(await CompareAsync([Record("w", "CreateKey"), Record("w", "CreateKey")], came: [])));

    [Fact]
    public async Task Record_WithoutTime_IsKnownByTheSame()
    {
        const string record = """{"eventName":"CreateKey","eventSource":"kms.amazonaws.com","eventID":"t"}""";

        Assert.Equal("Write 1/0", Told(await CompareAsync([record], came: ["t"])));
    }

    [Fact]
    public async Task Places_OfWhichNothingCame_AreNamed()
    {
        var comparison = await CompareAsync(
            [
                Record("a", "CreateKey", "\"awsRegion\":\"eu-west-1\",\"recipientAccountId\":\"111122223333\""),
                Record("b", "CreateKey", "\"awsRegion\":\"us-west-2\",\"recipientAccountId\":\"111122223333\""),
                Record("c", "CreateKey", "\"awsRegion\":\"us-west-2\",\"recipientAccountId\":\"111122223333\""),
            ],
            came: ["a"]
        );

        Assert.Equal([new SilentPlace("111122223333", "us-west-2", 2)], comparison.SilentPlaces);
    }

    private static string Told(ArchiveComparison comparison) =>
        string.Join(' ', comparison.Kinds.Select(count => $"{count.Kind} {count.Came}/{count.Missed}{(count.ShouldHaveCome ? "!" : "")}"));

    private static string Record(string id, string name, string more = "\"x\":1", DateTimeOffset? time = null) =>
        $$"""{"eventID":"{{id}}","eventName":"{{name}}","eventSource":"kms.amazonaws.com","eventTime":"{{time ?? Noon:yyyy-MM-dd'T'HH:mm:ss'Z'}}",{{more}}}""";

    /// <summary>Compares records with a ledger that began at noon and saw some of them.</summary>
    private static async Task<ArchiveComparison> CompareAsync(string[] records, string[] came)
    {
        var ledger = new SeenList { Began = Noon };
        var batch = new SeenBatch();
        var judge = new Judge(RuleSet.Empty);
        foreach (var record in records.Where(record => came.Any(id => record.Contains($"\"{id}\"", StringComparison.Ordinal))))
            judge.Try(Batch(record), batch);
        await ledger.AddAsync(batch.Events, TestContext.Current.CancellationToken);
        var seen = await SeenSet.ReadAsync(ledger, default, TestContext.Current.CancellationToken);
        var wanted = ((string[])["CreateKey", "ListKeys", "GetKey"]).Select(name => Condition.Is("eventName", name)).ToList();
        var comparison = new ArchiveComparison(seen, Noon.AddMinutes(30), wanted);
        foreach (var record in records)
            judge.Try(Batch(record), comparison);
        comparison.Conclude();
        return comparison;
    }

    private static EventBatch Batch(string record) => new("trail.json", Encoding.UTF8.GetBytes(record), Receipt.None);
}
