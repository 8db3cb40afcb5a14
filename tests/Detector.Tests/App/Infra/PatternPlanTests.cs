using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Detector.App;
using Detector.App.Infra;
using Detector.App.RuleTests;
using Detector.Core.Rules;
using Detector.Core.Rules.Wanting;
using Detector.Tests.Rules;
using FsCheck.Fluent;

namespace Detector.Tests.App.Infra;

/// <summary>Every event that a rule meets passes the patterns; EventBridge's part is worked out by <see cref="EventBridgeSemantics"/>.</summary>
public sealed class PatternPlanTests
{
    private static readonly Lazy<RuleSet> Shipped = new(() => RuleLoad.From([Places.Rules]).Rules);

    private static readonly Lazy<PatternPlan> Plan = new(() => PatternPlan.For(Shipped.Value, EventPattern.DefaultLimit));

    private static readonly string[] DetailTypes =
    [
        "AWS API Call via CloudTrail",
        "AWS Console Sign In via CloudTrail",
        "AWS Service Event via CloudTrail",
        "AWS Console Signin via CloudTrail",
    ];

    [Theory]
    [InlineData(EventPattern.DefaultLimit)]
    [InlineData(EventPattern.HighestLimit)]
    [InlineData(300)]
    public void For_ShippedRules_LetsPassWhatTheirCasesMeet(int limit)
    {
        var plan = PatternPlan.For(Shipped.Value, limit);
        var records = TestedRules.Of(Shipped.Value).SelectMany(rules => rules.Cases).SelectMany(one => CaseRecord.Read(one.Read())).ToList();

        var met = 0;
        foreach (var record in records.Select(record => Encoding.UTF8.GetString(record.Json)))
            met += AssertPasses(plan, Shipped.Value, record) ? 1 : 0;

        Assert.True(met > 1000, $"{met} records met a rule");
        Assert.All(plan.Patterns, pattern => AssertIsTaken(pattern.Json, limit));
    }

    [Fact]
    public void For_ShippedRules_LetsPassWhateverTheCaseOfTheHeader() =>
        Property.Holds(
            from record in Gen.Elements(CasesOfShipped())
            from upper in Gen.Elements(true, false)
            select (record, upper),
            one => AssertPasses(Plan.Value, Shipped.Value, Recased(one.record, one.upper))
        );

    [Fact]
    public void For_GeneratedRules_LetsPassWhatTheyMeet()
    {
        var met = 0;
        Property.Holds(
            from rules in Generated.Rules
            from records in Generated.Records
            from limit in Gen.Choose(256, 1000)
            select (rules, records, limit),
            one =>
            {
                var rules = RuleSet.Compile(one.rules);
                var plan = PatternPlan.For(rules, one.limit);
                Assert.All(plan.Patterns, pattern => AssertIsTaken(pattern.Json, one.limit));
                foreach (var record in one.records.Where(IsAsCloudTrailWrites))
                    met += AssertPasses(plan, rules, record) ? 1 : 0;
            },
            tries: 1500
        );
        Assert.True(met > 500, $"{met} records met a rule");
    }

    [Fact]
    public void For_GeneratedRules_CountsWithTheEngineWhatPasses() =>
        Property.Holds(
            from rules in Generated.Rules
            from records in Generated.Records
            select (rules, records),
            one =>
            {
                var plan = PatternPlan.For(RuleSet.Compile(one.rules), EventPattern.HighestLimit);
                var filter = RuleSet.Compile([
                    .. plan.Wanted.Select(
                        (wanted, i) =>
                            new DetectionRule
                            {
                                Title = $"{i}",
                                Place = new RulePlace("w", 1, 1),
                                Condition = wanted.AsCondition(),
                            }
                    ),
                ]);
                foreach (var record in one.records.Where(IsAsCloudTrailWrites))
                    Assert.Equal(Passes(plan, record, DetailTypes[0]), Matching.Run(filter, record)[0].Count > 0);
            }
        );

    [Fact]
    public void For_ShippedRules_FitsIntoFewPatterns()
    {
        var plan = Plan.Value;

        Assert.InRange(plan.Patterns.Count, 1, 8);
        Assert.DoesNotContain(plan.Wanted, wanted => wanted.Fields.Count == 0);
    }

    [Fact]
    public void For_RuleThatNamesNothing_LetsPassEverythingAndNamesIt()
    {
        var rules = Matching.Load(("r.yml", Matching.RuleAround("""{"a": {"userAgent|contains": "kali"}, "condition": "a"}""")));

        var plan = PatternPlan.For(rules, EventPattern.DefaultLimit);

        Assert.Equal("""{"detail-type":[{"suffix":"via CloudTrail"}]}""", Assert.Single(plan.Patterns).Json);
        var wide = Assert.Single(plan.Wide);
        Assert.Equal(("every record", "t"), (wide.What, Assert.Single(wide.Rules)));
    }

    [Fact]
    public void For_SigmaValue_IgnoresCaseWhereSigmaDoes()
    {
        var rules = Matching.Load(
            (
                "r.yml",
                Matching.RuleAround(
                    """{"a": {"eventSource": "ec2.amazonaws.com", "eventName|startswith": "Run", "userIdentity.accessKeyId|cased|startswith": "AKIA", "errorCode|contains": "Denied"}, "condition": "a"}"""
                )
            )
        );

        var plan = PatternPlan.For(rules, EventPattern.DefaultLimit);

        Assert.Equal(
            """{"detail-type":[{"suffix":"via CloudTrail"}],"detail":{"errorCode":[{"exists":true}],"eventName":[{"prefix":{"equals-ignore-case":"Run"}}],"eventSource":[{"equals-ignore-case":"ec2.amazonaws.com"}],"userIdentity":{"accessKeyId":[{"prefix":"AKIA"}]}}}""",
            Assert.Single(plan.Patterns).Json
        );
    }

    [Theory]
    [InlineData(
        """{"a": {"eventName|re": "^(Create|Delete)User$", "sourceIPAddress|cidr": "10.0.0.0/8"}, "condition": "a"}""",
        """{"eventName":[{"exists":true}]}"""
    )]
    [InlineData(
        """{"a": {"eventName": "*User*Key*", "eventSource": "i*m.amazonaws.com"}, "condition": "a"}""",
        """{"eventName":[{"exists":true}],"eventSource":[{"prefix":{"equals-ignore-case":"i"}}]}"""
    )]
    [InlineData("""{"a": {"eventName": 123, "errorCode": "404"}, "condition": "a"}""", """{"errorCode":[{"exists":true}],"eventName":[{"exists":true}]}""")]
    [InlineData(
        """{"a": {"eventName": "Größe", "eventSource": "ıam.amazonaws.com"}, "condition": "a"}""",
        """{"eventName":[{"exists":true}],"eventSource":[{"exists":true}]}"""
    )]
    [InlineData("""{"a": {"eventName": "A\"B<>&'"}, "condition": "a"}""", """{"eventName":[{"equals-ignore-case":"A\"B<>&'"}]}""")]
    [InlineData("""{"a": {"eventName": "GetObject", "errorCode": null}, "condition": "a"}""", """{"eventName":[{"equals-ignore-case":"GetObject"}]}""")]
    [InlineData(
        """{"of_a": {"eventName": "A1"}, "of_b": {"eventName": "B1"}, "c": {"awsRegion": "x"}, "condition": "1 of of_* and not c"}""",
        """{"eventName":[{"equals-ignore-case":"A1"},{"equals-ignore-case":"B1"}]}"""
    )]
    [InlineData(
        """{"a": {"eventName": "SendCommand", "requestParameters.commands|windash|contains": " -enc "}, "condition": "a"}""",
        """{"eventName":[{"equals-ignore-case":"SendCommand"}]}"""
    )]
    [InlineData("""{"a": ["kali", "parrot"], "condition": "a"}""", null)]
    public void For_RuleOfAStranger_AsksForWhatItsHeaderTellsAndNoMore(string detection, string? detail)
    {
        var plan = PatternPlan.For(Matching.Load(("r.yml", Matching.RuleAround(detection))), EventPattern.DefaultLimit);

        var json = Assert.Single(plan.Patterns).Json;
        AssertIsTaken(json, EventPattern.DefaultLimit);
        var expected = $$"""{"detail-type":[{"suffix":"via CloudTrail"}]{{(detail is null ? "" : $",\"detail\":{detail}")}}}""";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(json)), json);
    }

    [Fact]
    public void For_ThousandsOfNames_ArePackedIntoFullPatterns()
    {
        var names = string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"Operation{i}\""));
        var plan = PatternPlan.For(
            Matching.Load(("r.yml", Matching.RuleAround($$"""{"a": {"eventName": [{{names}}]}, "condition": "a"}"""))),
            EventPattern.DefaultLimit
        );

        Assert.Equal(3000, plan.Patterns.Sum(pattern => pattern.Wanted.Sum(wanted => wanted.Fields["eventName"].Count)));
        Assert.All(plan.Patterns.SkipLast(1), pattern => Assert.InRange(pattern.Json.Length, EventPattern.DefaultLimit - 50, EventPattern.DefaultLimit));
    }

    [Fact]
    public void For_RulesOfAKeysUse_NameTheRecordsOfLongTermKeys()
    {
        var plan = Plan.Value;

        var keys = Assert.Single(plan.Wide, need => need.What.Contains("userIdentity.accessKeyId begins with AKIA", StringComparison.Ordinal));
        Assert.Contains("access-key-dormant-used", keys.Rules);
    }

    [Fact]
    public void Pack_NameLongerThanAPattern_AsksInWiderTerms()
    {
        var wanted = new Wanted([
            new("eventName", [new WantedValue(WantedKind.Whole, new string('x', 5000), Cased: true)]),
            new("eventSource", [new WantedValue(WantedKind.Whole, "iam.amazonaws.com", Cased: true)]),
        ]);

        var pattern = Assert.Single(EventPattern.Pack([wanted], EventPattern.DefaultLimit));

        Assert.Equal("""{"detail-type":[{"suffix":"via CloudTrail"}],"detail":{"eventSource":["iam.amazonaws.com"]}}""", pattern.Json);
    }

    /// <summary>
    /// What EventBridge limits, where the documented semantics do not tell: characters; one $or, whose branches are far fewer than the 1,000 combinations that it takes;
    /// neither wildcards, which are refused when they are too many, nor anything-but; values that are texts or one of three operators.
    /// </summary>
    private static void AssertIsTaken(string pattern, int limit)
    {
        Assert.InRange(pattern.Length, 1, limit);
        Assert.True(Ascii.IsValid(pattern), pattern);
        var detail = JsonNode.Parse(pattern)!["detail"]?.AsObject() ?? [];
        JsonObject[] branches = detail["$or"] is JsonArray or ? [.. or.Select(branch => branch!.AsObject())] : [detail];
        Assert.InRange(branches.Length, 1, 1000);
        foreach (var field in branches.SelectMany(branch => branch).SelectMany(member => member.Value is JsonObject nested ? nested.AsEnumerable() : [member]))
            Assert.All(
                Assert.IsType<JsonArray>(field.Value),
                value =>
                    Assert.True(
                        value is JsonValue || value is JsonObject { Count: 1 } test && test.First().Key is "equals-ignore-case" or "prefix" or "exists",
                        pattern
                    )
            );
    }

    private static string[] CasesOfShipped() =>
        [
            .. TestedRules
                .Of(Shipped.Value)
                .SelectMany(rules => rules.Cases)
                .SelectMany(one => CaseRecord.Read(one.Read()))
                .Select(record => Encoding.UTF8.GetString(record.Json)),
        ];

    /// <summary>Asserts that a record passes if a rule, or history, wants it; returns whether one does.</summary>
    private static bool AssertPasses(PatternPlan plan, RuleSet rules, string record)
    {
        var met = Matching.Run(rules, record)[0];
        if (met.Count == 0)
            return false;
        foreach (var type in DetailTypes)
            Assert.True(Passes(plan, record, type), $"{string.Join(", ", met)} would miss {record}");
        return true;
    }

    private static bool Passes(PatternPlan plan, string record, string type)
    {
        var envelope =
            $$"""{"version":"0","id":"1","detail-type":"{{type}}","source":"aws.iam","account":"111122223333","region":"us-east-1","resources":[],"detail":{{record}}}""";
        return plan.Patterns.Any(pattern => EventBridgeSemantics.Matches(pattern.Json, envelope));
    }

    private static string Recased(string record, bool upper)
    {
        var json = JsonNode.Parse(record)!;
        foreach (var path in WantedRecords.Header)
        {
            var names = path.Split('.');
            var holder = names[..^1].Aggregate((JsonNode?)json, (place, name) => place?[name]);
            if (holder?[names[^1]] is JsonValue value && value.TryGetValue<string>(out var text))
                holder[names[^1]] = upper ? text.ToUpperInvariant() : text.ToLowerInvariant();
        }
        return json.ToJsonString();
    }

    /// <summary>As <see cref="WantedRecords"/> assumes: nothing twice, userIdentity an object, single values in the header.</summary>
    private static bool IsAsCloudTrailWrites(string record)
    {
        using var parsed = JsonDocument.Parse(record);
        var root = parsed.RootElement;
        if (root.EnumerateObject().GroupBy(member => member.Name, StringComparer.Ordinal).Any(same => same.Count() > 1))
            return false;
        if (root.TryGetProperty("userIdentity", out var identity) && identity.ValueKind != JsonValueKind.Object)
            return false;
        return WantedRecords.Header.All(path =>
        {
            var place = root;
            foreach (var name in path.Split('.'))
            {
                if (!place.TryGetProperty(name, out place))
                    return true;
            }
            return place.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
        });
    }
}
