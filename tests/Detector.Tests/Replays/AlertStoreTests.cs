using Detector.Adapters.Spills;
using Detector.Core.Delivery;
using Detector.Core.Rules.Fields;
using Detector.Tests.Adapters.Slack;

namespace Detector.Tests.Replays;

public sealed class AlertStoreTests
{
    [Theory]
    [InlineData(1024 * 1024)]
    [InlineData(0)] // all of it goes to disk
    public void InOrder_WhatWasAdded_ComesBackWhole(long budget)
    {
        using var store = new AlertStore(Path.GetTempPath(), budget);
        var plain = SlackAlerts.AdminGrant;
        var chain = new ActorChain(
            "arn:aws:iam::111122223333:user/ann",
            ActorKind.User,
            null,
            [new ActorSession("session", "ASIA1", SlackAlerts.Happened), new("s2", null, null)]
        );
        var whole = plain with { Id = AlertId.Of("whole"), Facts = plain.Facts with { Behind = chain } };

        store.Add(plain);
        store.Add(whole);
        var back = store.InOrder().ToDictionary(alert => alert.Id);

        Assert.Equal(AlertJson.Write(plain), AlertJson.Write(back[plain.Id]));
        Assert.Equal(AlertJson.Write(whole), AlertJson.Write(back[whole.Id]));
    }
}
