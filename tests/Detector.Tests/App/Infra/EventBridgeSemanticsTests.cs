namespace Detector.Tests.App.Infra;

/// <summary>The test's own judge of patterns is held to what AWS's documentation says, example by example.</summary>
public sealed class EventBridgeSemanticsTests
{
    private const string Event = """
        {
          "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "resources": ["a", "b"], "n": null, "empty": "", "list": [],
          "detail": { "state": "running", "count": 5, "limit": 301.8, "flag": true, "ip": "10.0.0.33", "ip6": "2001:db8::1", "name": "dir/a*b.png",
            "items": [{ "k": "a", "v": 1 }, { "k": "b", "v": 2 }], "deep": { "x": "y" } }
        }
        """;

    [Theory]
    [InlineData("""{"source":["aws.ec2"]}""", true)]
    [InlineData("""{"source":["AWS.EC2"]}""", false)]
    [InlineData("""{"resources":["b","c"]}""", true)]
    [InlineData("""{"resources":["c"]}""", false)]
    [InlineData("""{"n":[null]}""", true)]
    [InlineData("""{"none":[null]}""", false)]
    [InlineData("""{"n":[""]}""", false)]
    [InlineData("""{"empty":[""]}""", true)]
    [InlineData("""{"empty":[{"exists":true}]}""", true)]
    [InlineData("""{"none":[{"exists":true}]}""", false)]
    [InlineData("""{"none":[{"exists":false}]}""", true)]
    [InlineData("""{"detail":{"deep":[{"exists":true}]}}""", false)]
    [InlineData("""{"detail":{"deep":{"x":[{"exists":true}]}}}""", true)]
    [InlineData("""{"none":{"x":[{"exists":false}]}}""", true)]
    [InlineData("""{"detail":{"state":[{"prefix":"run"}]}}""", true)]
    [InlineData("""{"detail":{"state":[{"prefix":"RUN"}]}}""", false)]
    [InlineData("""{"detail":{"state":[{"prefix":{"equals-ignore-case":"RUN"}}]}}""", true)]
    [InlineData("""{"detail-type":[{"suffix":"via CloudTrail"}]}""", true)]
    [InlineData("""{"detail-type":[{"suffix":{"equals-ignore-case":"VIA cloudtrail"}}]}""", true)]
    [InlineData("""{"detail":{"state":[{"equals-ignore-case":"RUNNING"}]}}""", true)]
    [InlineData("""{"detail":{"count":[{"prefix":"5"}]}}""", false)]
    [InlineData("""{"detail":{"state":[{"anything-but":"running"}]}}""", false)]
    [InlineData("""{"detail":{"state":[{"anything-but":["a","stopped"]}]}}""", true)]
    [InlineData("""{"detail":{"count":[{"anything-but":[5,6]}]}}""", false)]
    [InlineData("""{"detail":{"state":[{"anything-but":{"prefix":"run"}}]}}""", false)]
    [InlineData("""{"detail":{"state":[{"anything-but":{"suffix":["x","ing"]}}]}}""", false)]
    [InlineData("""{"detail":{"state":[{"anything-but":{"equals-ignore-case":"STOPPED"}}]}}""", true)]
    [InlineData("""{"detail":{"name":[{"anything-but":{"wildcard":"*/a*"}}]}}""", false)]
    [InlineData("""{"none":[{"anything-but":"x"}]}""", false)]
    [InlineData("""{"resources":[{"anything-but":"a"}]}""", true)]
    [InlineData("""{"detail":{"name":[{"wildcard":"dir/*.png"}]}}""", true)]
    [InlineData("""{"detail":{"name":[{"wildcard":"dir/a\\*b.*"}]}}""", true)]
    [InlineData("""{"detail":{"name":[{"wildcard":"dir/\\*b.*"}]}}""", false)]
    [InlineData("""{"detail":{"count":[{"numeric":[">",0,"<=",5]}]}}""", true)]
    [InlineData("""{"detail":{"limit":[{"numeric":["<",301.8]}]}}""", false)]
    [InlineData("""{"detail":{"limit":[{"numeric":["=",301.80]}]}}""", true)]
    [InlineData("""{"detail":{"limit":[301.80]}}""", false)]
    [InlineData("""{"detail":{"flag":[true]}}""", true)]
    [InlineData("""{"detail":{"flag":["true"]}}""", false)]
    [InlineData("""{"detail":{"ip":[{"cidr":"10.0.0.0/24"}]}}""", true)]
    [InlineData("""{"detail":{"ip":[{"cidr":"2001:db8::/32"}]}}""", false)]
    [InlineData("""{"detail":{"ip6":[{"cidr":"2001:db8::/32"}]}}""", true)]
    [InlineData("""{"detail":{"items":{"k":["a"],"v":[2]}}}""", false)]
    [InlineData("""{"detail":{"items":{"k":["b"],"v":[2]}}}""", true)]
    [InlineData("""{"$or":[{"source":["x"]},{"detail":{"count":[5]}}]}""", true)]
    [InlineData("""{"source":["aws.ec2"],"detail":{"$or":[{"state":["stopped"]},{"count":[6]}]}}""", false)]
    public void Matches_DocumentedExample_IsAsDocumented(string pattern, bool expected) => Assert.Equal(expected, EventBridgeSemantics.Matches(pattern, Event));
}
