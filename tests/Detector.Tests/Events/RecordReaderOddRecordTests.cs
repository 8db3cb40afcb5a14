using System.Text;
using Detector.Core.Events;
using Detector.Core.Events.Json;

namespace Detector.Tests.Events;

/// <summary>Records as trails really hold them, and as somebody may make them.</summary>
public sealed class RecordReaderOddRecordTests
{
    [Theory]
    [InlineData("""{"eventName":"A"}""")]
    [InlineData("""{"eventName":"A","userIdentity":null,"requestParameters":null,"eventID":null}""")]
    [InlineData("""{"eventName":"A","userIdentity":[],"requestParameters":[{"x":1},[2]],"resources":{}}""")]
    [InlineData("""{"eventName":"A","requestParameters":"null","sourceIPAddress":"075.050.255.67"}""")]
    [InlineData("""{"\u0065vent\u004eame":"\u0041"}""")]
    [InlineData("""{"a":"\\","eventName":"A","b":"\"","c":"\\\"{["}""")]
    [InlineData("""{"a":"eventName","b":":","c":"\":\"X","eventName":"A"}""")]
    [InlineData("""{"x":{"eventName":"X"},"eventName":"A","y":[{"eventName":"Y"}]}""")]
    public void Read_OddRecord_ItsName(string record)
    {
        var read = Reading.Of(record);

        Assert.Equal(["A"], read.Names);
        Assert.Equal(record, read.Records[0].Json);
    }

    [Fact]
    public void Read_NearlyEmptyRecords_Records()
    {
        Assert.Equal(["", "", ""], Reading.Of("""[{},{"eventName":null},{"eventName":{"a":1}}]""").Names);
    }

    [Fact]
    public void Read_HugeRecord_NeighboursToo()
    {
        var huge = """{"eventName":"A","requestParameters":{"policyDocument":"XX\"{"}}""".Replace("XX", new string('x', 256 * 1024), StringComparison.Ordinal);

        Assert.Equal(["A", "B"], Reading.Of($$"""[{{huge}},{"eventName":"B"}]""").Names);
    }

    [Fact]
    public void Read_DeepNesting_NeighboursToo()
    {
        var (open, close) = (string.Concat(Enumerable.Repeat("""{"d":[""", 500)), string.Concat(Enumerable.Repeat("]}", 500)));
        var deep = "{\"d\":" + open + "1" + close + ",\"eventName\":\"A\"}";

        Assert.Equal(["A", "B"], Reading.Of($$"""[{{deep}},{"eventName":"B"}]""").Names);
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(300)]
    public void Read_LongKeyBeforeTheName_ItsName(int length)
    {
        var quotes = string.Concat(Enumerable.Repeat("\\\"", length));
        var record = $$"""{"{{new string('k', length)}}":1,"eventName":"A","{{quotes}}":2,"{{quotes}}" : 3}""";

        Assert.Equal(["A"], Reading.Of(record).Names);
    }

    [Fact]
    public void Read_DuplicateNames_TheFirstIsTheHeaders()
    {
        Assert.Equal(["A"], Reading.Of("""{"eventName":"A","eventName":"B"}""").Names);
    }

    [Theory]
    [InlineData("2026-02-28T23:59:59Z", true)]
    [InlineData("2026-02-28T23:59:59.123+02:00", true)]
    [InlineData("\\u0032026-02-28T23:59:59\\u005a", true)]
    [InlineData("\\u0032026-02-28T23:59:59\\q", false)]
    [InlineData("2026-02-29T00:00:00Z", false)]
    [InlineData("2026-02-28T24:00:00Z", false)]
    [InlineData("2026-02-28T23:60:00Z", false)]
    [InlineData("0000-01-01T00:00:00Z", false)]
    [InlineData("202é-02-28T23:59:59Z", false)]
    [InlineData("28 February 2026", false)]
    [InlineData("", false)]
    public void EventTime_OddTexts_NeverThrows(string time, bool readable)
    {
        var text = Encoding.UTF8.GetBytes($$"""{"eventTime":"{{time}}"}""");
        var reader = new RecordReader(text, RecordSelection.HeaderOnly, new FieldTable());
        reader.Read(out var record);

        var read = record.EventTime;

        Assert.Equal(readable, read is not null);
    }

    [Fact]
    public void EventTime_Offset_InUtc()
    {
        var read = CloudTrailTime.TryParse("2026-01-01T01:30:00+02:00"u8, out var time);

        Assert.True(read);
        Assert.Equal(new DateTimeOffset(2025, 12, 31, 23, 30, 0, TimeSpan.Zero), time);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }
}
