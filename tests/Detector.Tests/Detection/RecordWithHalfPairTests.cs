using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Tests.Rules;

namespace Detector.Tests.Detection;

/// <summary>Half a surrogate pair, which JSON lets anybody write and few let anybody read.</summary>
public sealed class RecordWithHalfPairTests
{
    private static readonly Judge Judge = new(Matching.Load(("r.yml", Matching.RuleAround("{s: {eventName: StopLogging}, condition: s}"))));

    [Theory]
    [InlineData("""{"eventName":"StopLogging","userAgent":"x\ud800"}""", "x\uFFFD")]
    [InlineData("""{"eventName":"StopLogging","userAgent":"\udc00\ud83d\ude00"}""", "\uFFFD😀")]
    [InlineData("""{"eventName":"StopLogging","\ud800":{"\udc00":1},"userAgent":"x"}""", "x")]
    public void Try_RecordThatARuleMeets_IsAHitAndReadable(string record, string agent)
    {
        var judgement = Judge.Try(Batch(record));

        Assert.Empty(judgement.Rejected);
        var alert = AlertMaker.Of(new Finding(judgement.Hits[0].Rule, [judgement.Hits[0]]));
        Assert.Equal(agent, alert.Facts.UserAgent);
    }

    [Fact]
    public void Try_RecordThatIsNoJsonEither_IsRejectedWithItsOwnText()
    {
        const string Record = """{"eventName":"StopLogging","userAgent":"\ud800","x":tru}""";

        var judgement = Judge.Try(Batch(Record));

        Assert.Empty(judgement.Hits);
        Assert.Equal(Record, Encoding.UTF8.GetString(Assert.Single(judgement.Rejected).Content.Span));
    }

    private static EventBatch Batch(string record) => new("o", Encoding.UTF8.GetBytes($"{{\"Records\":[{record}]}}"), Receipt.None);
}
