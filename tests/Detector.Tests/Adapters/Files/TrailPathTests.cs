using Detector.Adapters.Files;
using Detector.Core.Events;

namespace Detector.Tests.Adapters.Files;

public sealed class TrailPathTests
{
    private const string Region = "AWSLogs/111122223333/CloudTrail/eu-west-1/";

    [Theory]
    [InlineData("", TrailDepth.None, null, null)]
    [InlineData("some/where/", TrailDepth.None, null, null)]
    [InlineData("logs/AWSLogs/", TrailDepth.Root, null, null)]
    [InlineData("AWSLogs/o-abc123/", TrailDepth.Root, null, null)]
    [InlineData("AWSLogs/else/", TrailDepth.None, null, null)]
    [InlineData("AWSLogs/111122223333/", TrailDepth.Account, "111122223333", null)]
    [InlineData("a/b/AWSLogs/o-abc123/111122223333/", TrailDepth.Account, "111122223333", null)]
    [InlineData("AWSLogs/111122223333/CloudTrail/", TrailDepth.Service, "111122223333", null)]
    [InlineData(Region, TrailDepth.Region, "111122223333", "eu-west-1")]
    [InlineData(Region + "2026/", TrailDepth.Year, "111122223333", "eu-west-1")]
    [InlineData(Region + "2026/11/", TrailDepth.Month, "111122223333", "eu-west-1")]
    [InlineData(Region + "2026/11/0", TrailDepth.Month, "111122223333", "eu-west-1")]
    [InlineData(Region + "2026/11/09/", TrailDepth.Day, "111122223333", "eu-west-1")]
    [InlineData(Region + "2026/11/09/deeper/", TrailDepth.Day, "111122223333", "eu-west-1")]
    [InlineData(Region + "2026/13/", TrailDepth.None, "111122223333", "eu-west-1")]
    [InlineData(Region + "9999/12/31/", TrailDepth.None, "111122223333", "eu-west-1")]
    [InlineData(Region + "misc/", TrailDepth.None, "111122223333", "eu-west-1")]
    [InlineData("copied/111122223333/CloudTrail/eu-west-1/2026/11/09/", TrailDepth.Day, "111122223333", "eu-west-1")]
    [InlineData("AWSLogs/old/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/", TrailDepth.Month, "111122223333", "eu-west-1")]
    public void Of_Folders_TellsHowDeepAndWhose(string path, TrailDepth depth, string? account, string? region)
    {
        var told = TrailPath.Of(path);

        Assert.Equal((depth, account, region, true), (told.Depth, told.Account, told.Region, told.IsTrail));
    }

    [Theory]
    [InlineData(Region + "2026/11/09/111122223333_CloudTrail_eu-west-1_20261109T0905Z_abc.json.gz", "2026-11-09T09:05:00Z", "2026-11-09T09:05:59.9999999Z")]
    [InlineData("flat/111122223333_CloudTrail_eu-west-1_20261109T0905Z_abc.json.gz", "2026-11-09T09:05:00Z", "2026-11-09T09:05:59.9999999Z")]
    [InlineData(Region + "2026/11/09/other.json.gz", "2026-11-09T00:00:00Z", "2026-11-09T23:59:59.9999999Z")]
    [InlineData(Region + "2026/02/", "2026-02-01T00:00:00Z", "2026-02-28T23:59:59.9999999Z")]
    [InlineData(Region + "2026/", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59.9999999Z")]
    public void Of_Times_TellsWhenItWasDelivered(string path, string from, string to)
    {
        var told = TrailPath.Of(path);

        Assert.Equal((DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(to, null)), (told.Delivered.From!.Value, told.Delivered.To!.Value));
        Assert.Equal(("111122223333", "eu-west-1"), (told.Account, told.Region));
    }

    [Theory]
    [InlineData("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/09/")]
    [InlineData("")]
    public void Of_WhatTellsOfADigest_IsNeitherADigestNorTrail(string folder)
    {
        const string Digest = "111122223333_CloudTrail-Digest_eu-west-1_trail_eu-west-1_20261109T090000Z.json.gz";

        var (digest, head) = (TrailPath.Of(folder + Digest), TrailPath.Of(folder + Digest + TrailPath.Head));

        Assert.Equal((true, false, false), (digest.IsDigest, digest.IsHead, digest.IsTrail));
        Assert.Equal((false, true, false), (head.IsDigest, head.IsHead, head.IsTrail));
    }

    [Theory]
    [InlineData("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/09/x.json.gz")]
    [InlineData("AWSLogs/111122223333/CloudTrail-Insight/")]
    [InlineData("AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/09/x.log.gz")]
    [InlineData("x/111122223333_CloudTrail-Digest_eu-west-1_trail_eu-west-1_20261109T090512Z.json.gz")]
    [InlineData("o-abc123_CloudTrail-Insight_eu-west-1_20261109T0905Z_abc.json.gz")]
    public void Of_WhatHoldsNoEvents_IsNoTrail(string path) => Assert.False(TrailPath.Of(path).IsTrail);

    [Theory]
    [InlineData("a_b_c")]
    [InlineData("111122223333_CloudTrail_eu-west-1")]
    [InlineData("_CloudTrail_")]
    [InlineData("////")]
    [InlineData("111122223333_CloudTrail_eu-west-1_99991231T2359Z_x")]
    [InlineData("111122223333_CloudTrail_eu-west-1_20269999T9999Z_x")]
    public void Of_OddNames_TellNoTime(string path) => Assert.Equal(default, TrailPath.Of(path).Delivered);

    [Theory]
    [InlineData("2026/11/08/", false)]
    [InlineData("2026/11/09/", true)]
    [InlineData("2026/11/11/", true)]
    [InlineData("2026/11/12/", false)]
    [InlineData("2026/11/", true)]
    [InlineData("2026/12/", false)]
    [InlineData("2025/", false)]
    [InlineData("2026/11/09/111122223333_CloudTrail_eu-west-1_20261109T0859Z_a.json.gz", false)]
    [InlineData("2026/11/09/111122223333_CloudTrail_eu-west-1_20261109T0900Z_a.json.gz", true)]
    [InlineData("2026/11/11/111122223333_CloudTrail_eu-west-1_20261111T1000Z_a.json.gz", true)]
    [InlineData("2026/11/11/111122223333_CloudTrail_eu-west-1_20261111T1001Z_a.json.gz", false)]
    public void MayHold_Delivery_CountsFromWhenItHappenedToADayLater(string path, bool expected)
    {
        var scope = Scope(from: "2026-11-09T09:00:00Z", to: "2026-11-10T10:00:00Z");

        Assert.Equal(expected, scope.MayHold(TrailPath.Of(Region + path)));
    }

    [Theory]
    [InlineData("111122223333", "eu-west-1", true)]
    [InlineData("444455556666", "eu-west-1", false)]
    [InlineData("111122223333", "us-east-1", false)]
    public void MayHold_AccountAndRegion_AreToldByFoldersAndNames(string account, string region, bool expected)
    {
        var scope = new TrailScope(default, ["111122223333"], ["eu-west-1"]);

        Assert.Equal(expected, scope.MayHold(TrailPath.Of($"AWSLogs/o-1/{account}/CloudTrail/{region}/2026/")));
        Assert.Equal(expected, scope.MayHold(TrailPath.Of($"{account}_CloudTrail_{region}_20261109T0905Z_a.json")));
        Assert.True(scope.MayHold(TrailPath.Of("anything.json")));
    }

    [Theory]
    [InlineData("2026/11/", true)]
    [InlineData("2026/10/", false)]
    [InlineData("2026/12/", false)]
    [InlineData("2026/", false)]
    public void Covers_Month_OnlyIfItLiesInsideWhole(string path, bool expected)
    {
        var scope = Scope(from: "2026-10-09T00:00:00Z", to: "2026-12-05T00:00:00Z");

        Assert.Equal(expected, scope.Covers(TrailPath.Of(Region + path).Delivered));
    }

    private static TrailScope Scope(string from, string to) => new(new TimeRange(DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(to, null)), [], []);
}
