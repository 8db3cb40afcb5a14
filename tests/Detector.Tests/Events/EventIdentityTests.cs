using System.Text;
using Detector.Core.Events;
using Detector.Core.Events.Json;

namespace Detector.Tests.Events;

public sealed class EventIdentityTests
{
    private const string Record = """{"eventID":"e-1","eventTime":"2026-01-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","x":1}""";

    [Theory]
    [InlineData("""{"eventName":"CreateUser","eventSource":"iam.amazonaws.com","eventTime":"2026-01-01T00:00:00Z","eventID":"e-1"}""")]
    [InlineData("""{ "eventID" : "e\u002d1", "eventTime":"2026-01-01T00:00:00Z", "eventSource":"iam.amazonaws.com","eventName":"CreateUser","y":[]}""")]
    public void Of_SameRecordByAnotherPath_Equal(string other)
    {
        Assert.Equal(Of(Record), Of(other));
    }

    [Theory]
    [InlineData("e-1", "e-2")]
    [InlineData("00:00Z", "00:01Z")]
    [InlineData("iam.", "sts.")]
    [InlineData("CreateUser", "DeleteUser")]
    [InlineData("e-1\",\"eventTime\":\"2026", "e-12\",\"eventTime\":\"026")]
    public void Of_DifferentInAField_Different(string part, string instead)
    {
        Assert.NotEqual(Of(Record), Of(Record.Replace(part, instead, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Record)]
    [InlineData("""{"a":1,"b":["x",{"d":1,"c":2}]}""")]
    [InlineData("""{"\ud800":"\udc00"}""")]
    public void ShortOf_Record_BeginsTheIdentity(string record) =>
        Assert.StartsWith(ShortOf(record).ToString("x16", System.Globalization.CultureInfo.InvariantCulture), Of(record).Value, StringComparison.Ordinal);

    [Fact]
    public void ShortOf_NoEventIdAndNoJson_IsThatOfItsBytes() => Assert.NotEqual(ShortOf("""{"a":tru}"""), ShortOf("""{"a":fals}"""));

    [Theory]
    [InlineData("""{"a":1,"b":["x",{"d":1,"c":2}]}""", """{ "b" : ["\u0078",{"c":2,"d":1}], "a":1}""", true)]
    [InlineData("""{"a":1}""", """{"a":2}""", false)]
    [InlineData("""{"a":["x","y"]}""", """{"a":["y","x"]}""", false)]
    [InlineData("""{"eventID":"","a":1}""", """{"eventID":"","a":2}""", false)]
    [InlineData("""{"eventID":["x"],"a":1}""", """{"eventID":["x"],"a":2}""", false)]
    public void Of_WithoutEventId_ByContent(string one, string other, bool equal)
    {
        Assert.Equal(equal, Of(one) == Of(other));
    }

    [Fact]
    public void Of_KnownRecord_NeverChanges()
    {
        // AlertIds are kept for months: a change of this value would tell every alert again.
        Assert.Equal("eb4365ac1f4767d1fee4b13f04cb0404", Of(Record).Value);
        Assert.Equal("1cc69c7fa23616ca2ec3ee70d24390a6", Of("""{"a":1,"b":[true,null]}""").Value);
    }

    private static ulong ShortOf(string text)
    {
        var reader = new RecordReader(Encoding.UTF8.GetBytes(text), RecordSelection.HeaderOnly, new FieldTable());
        Assert.Equal(ReadResult.Record, reader.Read(out var record));
        return EventIdentity.ShortOf(record);
    }

    private static EventIdentity Of(string text)
    {
        var reader = new RecordReader(Encoding.UTF8.GetBytes(text), RecordSelection.HeaderOnly, new FieldTable());
        Assert.Equal(ReadResult.Record, reader.Read(out var record));
        return EventIdentity.Of(record);
    }
}
