using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Tests.Delivery;

public sealed class AlertMakerTests
{
    private static readonly DateTimeOffset Noon = Offers.Noon;

    [Fact]
    public void Id_Of_IsPinned()
    {
        // Ledgers in the field hold these: a change makes every alert new.
        Assert.Equal("6af2b52dd7070dc884206883d835a571", Plain("{}").Id.Value);
        Assert.Equal("6025c39c8997597a3fb57424ba496e81", Suppressed("""{"user":"x"}""", Noon).Id.Value);
        Assert.Equal("3ef19b6163e2bce50acf8b437b6c4b69", Correlated("x", "e1", "e2").Id.Value);
    }

    [Fact]
    public void Id_PartsShifted_DoNotCollide()
    {
        AlertId[] ids =
        [
            AlertId.Of("ab", "c"),
            AlertId.Of("a", "bc"),
            AlertId.Of("abc"),
            AlertId.Of("abc", ""),
            AlertId.Of("", "abc"),
            AlertId.Of("a", "b", "c"),
            AlertId.Of(),
        ];

        Assert.Distinct(ids);
    }

    [Fact]
    public void Suppressed_WithinOneBucketAndGroup_IsOneAlert()
    {
        var first = Suppressed("""{"user":"x"}""", Noon);

        Assert.Equal(first.Id, Suppressed("""{"user":"x"}""", Noon.AddMinutes(59)).Id);
        Assert.NotEqual(first.Id, Suppressed("""{"user":"x"}""", Noon.AddMinutes(60)).Id);
        Assert.NotEqual(first.Id, Suppressed("""{"user":"y"}""", Noon).Id);
        Assert.Equal("x", first.Group);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"user\":null}")]
    [InlineData("{\"user\":[]}")]
    public void Suppressed_WithoutTheGroup_IsAnAlertOfItsOwn(string record)
    {
        var alert = Suppressed(record, Noon);

        Assert.Null(alert.Group);
        Assert.NotEqual(alert.Id, Suppressed(record, Noon, "e2").Id);
    }

    [Fact]
    public void Correlated_Group_MakesTheIdentityWithTheFirstEvent()
    {
        var alert = Correlated("x", "e1", "e2");

        Assert.Equal(alert.Id, Correlated("x", "e1", "e9", "e3").Id);
        Assert.Distinct([alert.Id, Correlated("y", "e1", "e2").Id, Correlated("x", "e2", "e1").Id, Correlated("", "e1").Id]);
        Assert.Equal((AlertKind.Correlation, 2), (alert.Kind, alert.Events.Count));
    }

    [Theory]
    [InlineData("{\"userIdentity\":null}")]
    [InlineData("{\"userIdentity\":\"root\",\"requestParameters\":\"x\",\"additionalEventData\":3}")]
    [InlineData("{\"userIdentity\":[{\"arn\":\"x\"}],\"requestParameters\":[1,{\"a\":2}],\"sourceIPAddress\":{\"a\":1}}")]
    [InlineData("{\"userIdentity\":{\"arn\":7,\"sessionContext\":{\"attributes\":[],\"sessionIssuer\":\"x\"}},\"eventID\":false}")]
    [InlineData("{\"userIdentity\":{\"sessionContext\":null},\"requestParameters\":{\"a\":1e999,\"b\":null,\"c\":{},\"\":\"\"}}")]
    [InlineData("{\"eventName\":\"a\",\"eventName\":\"b\",\"addendum\":\"x\",\"errorCode\":[]}")]
    public void Plain_OddRecord_MakesAnAlertThatSurvivesItsJson(string record)
    {
        var alert = Plain(record);

        Assert.Equal(AlertJson.Write(alert), AlertJson.Write(AlertJson.Read(AlertJson.Write(alert))));
    }

    [Theory]
    [InlineData("""{"userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":"true"}}}}""", "yes")]
    [InlineData("""{"userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}}""", "no")]
    [InlineData("""{"userIdentity":{"type":"WebIdentityUser","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}}""", "not recorded")]
    [InlineData("""{"userIdentity":{"accessKeyId":"AKIAIOSFODNN7EXAMPLE"}}""", "no")]
    [InlineData("""{"additionalEventData":{"MFAUsed":"Yes"}}""", "yes")]
    [InlineData("""{"additionalEventData":{"MFAUsed":"No"}}""", "no")]
    [InlineData("""{"userIdentity":{"type":"AWSService"}}""", null)]
    public void Mfa_OfTheSession_HasThreeStates(string record, string? mfa) => Assert.Equal(mfa, Plain(record).Facts.Mfa);

    [Fact]
    public void Targets_Documents_AreLeftOut()
    {
        var alert = Plain("""{"requestParameters":{"userName":"bob","policyDocument":"{}","publicKeyMaterial":"AAAA","n":3,"list":[1]}}""");

        Assert.Equal(["userName=bob", "n=3"], alert.Facts.Targets);
    }

    [Fact]
    public void Targets_LongNames_AreCutAndTakeNoOthersPlace()
    {
        // A key pair may have a name of 255 characters, and an ARN with a path far more.
        var (name, cut) = (new string('x', 255), new string('x', 119) + "…");

        Assert.Equal(["b=1", $"keyName={cut}"], Plain($$"""{"requestParameters":{"keyName":"{{name}}","b":1} }""").Facts.Targets);
        Assert.Equal(
            ["b=1", "c=2", "d=3", "e=4", "f=5", "g=6"],
            Plain($$"""{"requestParameters":{"template":"{{name}}","b":1,"c":2,"d":3,"e":4,"f":5,"g":6} }""").Facts.Targets
        );
    }

    private static Alert Plain(string record) => AlertMaker.Of(new Finding(Rule(null), [Hit(Rule(null), record, Noon, "e1")]));

    private static Alert Suppressed(string record, DateTimeOffset time, string name = "e1")
    {
        var rule = Rule(new Suppression(["user"], TimeSpan.FromHours(1)));
        return AlertMaker.Of(new Finding(rule, [Hit(rule, record, time, name)]));
    }

    private static Alert Correlated(string group, params string[] events)
    {
        var rule = new CorrelationRule
        {
            Title = "c",
            Place = default,
            Type = CorrelationType.EventCount,
            Rules = [],
            Timespan = TimeSpan.FromHours(1),
        };
        return AlertMaker.Of(new Finding(rule, [.. events.Select(name => Hit(Rule(null), "{}", Noon, name))], group));
    }

    private static DetectionRule Rule(Suppression? suppression) =>
        new()
        {
            Title = "r",
            Place = default,
            Condition = new Condition.And([]),
            Suppression = suppression,
        };

    private static Hit Hit(Rule rule, string record, DateTimeOffset time, string name) =>
        new(rule, new EventIdentity(name), time, Encoding.UTF8.GetBytes(record), "test", 0);
}
