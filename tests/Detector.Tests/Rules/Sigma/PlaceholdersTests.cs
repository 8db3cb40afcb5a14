using Detector.Core.Rules.Sigma;

namespace Detector.Tests.Rules.Sigma;

public sealed class PlaceholdersTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Values = new(StringComparer.Ordinal)
    {
        ["admins"] = ["alice", "b*b"],
        ["none"] = [],
        ["number"] = ["22"],
    };

    [Theory]
    [InlineData("{a|expand: '%admins%', c: 1}", """{"a":"ALICE","c":1}""", true)]
    [InlineData("{a|expand: '%admins%'}", """{"a":"bob"}""", true)]
    [InlineData("{a|expand: '%admins%'}", """{"a":"carol"}""", false)]
    [InlineData("{a|expand: ['%admins%', carol]}", """{"a":"carol"}""", true)]
    [InlineData("{a|expand|endswith: '/%admins%'}", """{"a":"user/alice"}""", true)]
    [InlineData("{a|expand|all|contains: '%admins%'}", """{"a":"alice and bob"}""", true)]
    [InlineData("{a|expand|all|contains: '%admins%'}", """{"a":"alice"}""", false)]
    [InlineData("{a|expand: '%number%'}", """{"a":22}""", true)]
    [InlineData("{a: '%admins%'}", """{"a":"%admins%"}""", true)]
    public void Read_KnownPlaceholder_StandsForItsValues(string selection, string record, bool met)
    {
        var file = SigmaReader.Read(
            "r.yml",
            $"title: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {selection}, condition: s}}\n",
            Values
        );

        Assert.Empty(file.Errors);
        Assert.Equal(met, Matching.Run(Core.Rules.RuleSet.Compile(file.Rules), record)[0].Count > 0);
    }

    [Fact]
    public void Read_UnknownPlaceholder_IsRefusedWithItsPlace()
    {
        var file = SigmaReader.Read(
            "r.yml",
            "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {a|expand: '%others%'}, condition: s}\n",
            Values
        );

        Assert.Equal("r.yml:3:27: placeholder in '%others%' cannot be resolved (write the values in its place)", Assert.Single(file.Errors).ToString());
    }
}
