using System.Text;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;
using FsCheck.Fluent;

namespace Detector.Tests.Rules.Sigma;

public sealed class SigmaReaderTests
{
    private const string Good = "title: good\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: A}, condition: s}\n";

    [Fact]
    public void Read_WholeRule_EveryPart()
    {
        var read = SigmaReader.Read(
            "r.yml",
            """
            title: A title
            id: 5f2b0c54-0000-4000-8000-000000000001
            name: a-slug
            status: stable
            description: |
              Why it matters.
            level: critical
            tags: [attack.t1078, detector.a-slug]
            logsource:
              product: aws
              service: cloudtrail
            detection:
              s:
                eventName: A
              condition: s
            detector:
              first-step: Call them.
              suppress:
                by: [userIdentity.arn]
                for: 90m
              mutations:
                region: It is about one region.
            """
        );

        Assert.Empty(read.Errors);
        var rule = Assert.IsType<DetectionRule>(Assert.Single(read.Rules));
        Assert.Equal("It is about one region.", rule.Mutations["region"]);
        Assert.Equal(
            ("A title", "5f2b0c54-0000-4000-8000-000000000001", "a-slug", "stable", "Why it matters.", Level.Critical, "Call them."),
            (rule.Title, rule.Id, rule.Name, rule.Status, rule.Description, rule.Level, rule.FirstStep)
        );
        Assert.Equal(["attack.t1078", "detector.a-slug"], rule.Tags);
        Assert.Equal(["userIdentity.arn"], rule.Suppression!.By);
        Assert.Equal(TimeSpan.FromMinutes(90), rule.Suppression.Period);
        Assert.Equal((rule.Id, "a-slug", new RulePlace("r.yml", 1, 1)), (rule.Key, rule.Label, rule.Place));
    }

    [Theory]
    // lines of the rule behind its title and log source, which take lines 1 and 2; then line, column and reason
    [InlineData("level: high", 1, 1, "the rule has no detection")]
    [InlineData("detection: []", 3, 12, "detection is not a map")]
    [InlineData("detection: {s: {a: b}}", 3, 12, "detection has no condition")]
    [InlineData("detection:\n  s: {a: b}\n  condition: t", 5, 14, "the condition names 't', which the detection does not define")]
    [InlineData("detection:\n  s: {a: b}\n  condition: s and", 5, 14, "the condition ends where more is expected")]
    [InlineData("detection:\n  s: {a: b}\n  condition: (s", 5, 14, "the condition ends where more is expected")]
    [InlineData("detection:\n  s: {a: b}\n  condition: s)", 5, 14, "')' stands in the wrong place of the condition")]
    [InlineData("detection:\n  s: {a: b}\n  condition: s s", 5, 14, "'s' stands in the wrong place of the condition")]
    [InlineData("detection:\n  s: {a: b}\n  condition: s | count() > 5", 5, 14, "aggregations behind '|' (count, near, ...) are not part of Sigma 2")]
    [InlineData("detection:\n  s: {a: b}\n  condition: near s", 5, 14, "near is not part of Sigma 2")]
    [InlineData("detection:\n  s: {a: b}\n  condition: s & s", 5, 14, "'&' has no meaning in a condition")]
    [InlineData("detection:\n  s: {a: b}\n  condition: all of x_*", 5, 14, "'all of x_*' finds no search identifier")]
    [InlineData("detection:\n  _s: {a: b}\n  condition: 1 of them", 5, 14, "'1 of them' finds no search identifier")]
    [InlineData("detection:\n  s: {a: b}\n  condition: {a: b}", 5, 14, "condition is neither text nor a list of texts")]
    [InlineData("detection:\n  s: {a: b}\n  condition: []", 5, 14, "condition is neither text nor a list of texts")]
    [InlineData("detection:\n  s: {}\n  condition: s", 4, 3, "'s' is empty")]
    [InlineData("detection:\n  s: []\n  condition: s", 4, 3, "'s' is empty")]
    [InlineData("detection:\n  s: {a: {b: c}}\n  condition: s", 4, 10, "the value of 'a' is neither plain nor a list")]
    [InlineData("detection:\n  s: {a: [[b]]}\n  condition: s", 4, 11, "'a' holds something that is no plain value")]
    [InlineData("detection:\n  s: {a|nonsense: b}\n  condition: s", 4, 7, "unknown modifier 'nonsense'")]
    [InlineData("detection:\n  s: {a|: b}\n  condition: s", 4, 7, "unknown modifier ''")]
    [InlineData("detection:\n  s: {a|contains|startswith: b}\n  condition: s", 4, 7, "modifiers contains and startswith exclude each other")]
    [InlineData("detection:\n  s: {a|lt|contains: 1}\n  condition: s", 4, 7, "modifier 'contains' does not go with the others of 'a|lt|contains'")]
    [InlineData("detection:\n  s: {a|lt: x}\n  condition: s", 4, 13, "'x' is not a number")]
    [InlineData("detection:\n  s: {a|cidr: 10.0.0.1/8}\n  condition: s", 4, 15, "'10.0.0.1/8' has bits set behind its prefix")]
    [InlineData("detection:\n  s: {a|cidr: 10.0.0.0/33}\n  condition: s", 4, 15, "'10.0.0.0/33' has a prefix longer than the address")]
    [InlineData("detection:\n  s: {a|cidr: home}\n  condition: s", 4, 15, "'home' is not a network in CIDR notation")]
    [InlineData("detection:\n  s: {a|exists: maybe}\n  condition: s", 4, 17, "exists takes true or false, not 'maybe'")]
    [InlineData("detection:\n  s: {a|contains: null}\n  condition: s", 4, 19, "null does not go with the modifiers of 'a|contains'")]
    [InlineData("detection:\n  s: {a|expand: '%admins%'}\n  condition: s", 4, 17, "placeholder in '%admins%' cannot be resolved")]
    [InlineData("detection:\n  s: {a|base64: 'x*'}\n  condition: s", 4, 17, "'x*' has a wildcard, which cannot be encoded")]
    [InlineData("detection:\n  s: {a|fieldref: 'b*'}\n  condition: s", 4, 19, "fieldref takes a field's name without wildcards")]
    [InlineData("detection:\n  s: {a|fieldref: ''}\n  condition: s", 4, 19, "a field's name is empty")]
    [InlineData("detection: {s: {a: b}, condition: s}\ndetector: {suppress: {by: [''], for: 1h}}", 4, 27, "a field's name is empty")]
    [InlineData("detection:\n  s: {'|fieldref': b}\n  condition: s", 4, 20, "null, exists and fieldref need a field")]
    [InlineData("detection:\n  s: [null]\n  condition: s", 4, 7, "null, exists and fieldref need a field")]
    [InlineData("level: hihg\ndetection: {s: {a: b}, condition: s}", 3, 8, "level 'hihg' is none of Sigma's")]
    [InlineData("detection: {s: {a: b}, condition: s}\ndetector: {suppress: {by: [a]}}", 4, 22, "suppress has no for")]
    [InlineData("detection: {s: {a: b}, condition: s}\ndetector: {suppress: {by: [a], for: soon}}", 4, 37, "'soon' is not a duration")]
    [InlineData("detection: {s: {a: b}, condition: s}\ndetector: {suppress: {by: [a], for: 0m}}", 4, 37, "'0m' is not a duration")]
    [InlineData("detection: {s: {a: b}, condition: s}\ntags: [null]", 4, 8, "tags holds a null")]
    [InlineData("detection: {s: {a: b}, condition: s}\ndetector: {mutations: [region]}", 4, 23, "mutations is not a map")]
    [InlineData("detection: {s: {a: b}, condition: s}\ndetector: {mutations: {region: }}", 4, 24, "a mutation has no reason")]
    [InlineData("detection: {s: {a: b}, condition: s}\naction: global", 4, 9, "'action' (Sigma 1 collections) is not supported")]
    public void Read_BadRule_RefusedWithItsPlaceAndNeighboursTaken(string rest, int line, int column, string reason)
    {
        var bad = $"title: bad\nlogsource: {{product: aws, service: cloudtrail}}\n{rest}\n";

        var read = SigmaReader.Read("rules/bad.yml", $"{bad}---\n{Good}");

        Assert.Equal("good", Assert.Single(read.Rules).Title);
        var error = Assert.Single(read.Errors);
        Assert.Equal((new RulePlace("rules/bad.yml", line, column), reason), (error.Place, error.Reason));
        Assert.StartsWith($"rules/bad.yml:{line}:{column}: {reason}", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- just\n- a list", 1, 1, "the document is not a map")]
    [InlineData("just text", 1, 1, "the document is not a map")]
    [InlineData("id: x", 1, 1, "the rule has no title")]
    [InlineData("title:", 1, 7, "title is empty")]
    [InlineData("title: {a: b}", 1, 8, "title is not plain text")]
    [InlineData("title: t", 1, 1, "the rule has no logsource")]
    [InlineData("title: t\nfilter: {}", 2, 9, "filter has no rules")]
    [InlineData(
        "title: t\nlogsource: {}\ndetector: {supress: {for: 1h}}\ndetection: {s: {a: b}, condition: s}",
        3,
        12,
        "detector attribute 'supress' is not supported"
    )]
    [InlineData("title: t\ncorrelation: []", 2, 14, "correlation is not a map")]
    [InlineData("title: t\ncorrelation: {type: near}", 2, 21, "correlation type 'near' is not supported")]
    [InlineData("title: t\ncorrelation: {type: event_count, sort: x}", 2, 34, "correlation attribute 'sort' is not supported")]
    [InlineData("title: t\ncorrelation: {type: event_count, timespan: 5, rules: [a], condition: {gte: 1}}", 2, 44, "'5' is not a duration")]
    [InlineData(
        "title: t\ncorrelation: {type: event_count, timespan: 2147483647w, rules: [a], condition: {gte: 1}}",
        2,
        44,
        "'2147483647w' is longer than ten years"
    )]
    [InlineData(
        "title: t\ncorrelation: {type: event_count, timespan: 1000000w, rules: [a], condition: {gte: 1}}",
        2,
        44,
        "'1000000w' is longer than ten years"
    )]
    [InlineData("title: t\ncorrelation: {type: event_count, timespan: 5m, rules: [a], condition: {}}", 2, 71, "condition has no bound")]
    [InlineData(
        "title: t\ncorrelation: {type: event_count, timespan: 5m, rules: [a], condition: {ge: 1}}",
        2,
        72,
        "condition 'ge' is not supported for this correlation"
    )]
    [InlineData("title: t\ncorrelation: {type: event_count, timespan: 5m, rules: [a], condition: {gte: many}}", 2, 77, "a bound is not a number")]
    [InlineData("title: t\ncorrelation: {type: event_count, timespan: 5m, rules: [a], condition: {gte: NaN}}", 2, 77, "a bound is not a number")]
    [InlineData(
        "title: t\ncorrelation: {type: event_count, timespan: 5m, rules: [a], condition: {gt: 10000}}",
        2,
        76,
        "a count of more than 10000 is never reached: a group keeps no more events"
    )]
    [InlineData("title: t\ncorrelation: {type: event_count, timespan: 5m, rules: [], condition: {gte: 1}}", 2, 55, "rules is empty")]
    public void Read_BadDocument_RefusedWithItsPlace(string text, int line, int column, string reason)
    {
        var read = SigmaReader.Read("r.yml", text);

        Assert.Empty(read.Rules);
        var error = Assert.Single(read.Errors);
        Assert.Equal((new RulePlace("r.yml", line, column), reason), (error.Place, error.Reason));
    }

    [Theory]
    [InlineData("product: windows")]
    [InlineData("product: aws\n  service: s3access")]
    [InlineData("product: aws\n  category: process_creation")]
    public void Read_OtherLogSource_SkippedWithoutError(string source)
    {
        var read = SigmaReader.Read("r.yml", $"title: t\nlogsource:\n  {source}\ndetection: {{s: {{a: b}}, condition: s}}\n");

        Assert.Empty(read.Rules);
        Assert.Empty(read.Errors);
        Assert.Contains("its log source is not CloudTrail", Assert.Single(read.Skipped).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("title: [")]
    [InlineData("title: a\n\tb: c")]
    [InlineData("a: b\na: c")]
    [InlineData("\"unclosed")]
    [InlineData("*nobody")]
    [InlineData("title: t\0")]
    [InlineData("- : ")]
    public void Read_NotYaml_RefusedWithItsPlace(string text)
    {
        var read = SigmaReader.Read("r.yml", text);

        Assert.Empty(read.Rules);
        var error = Assert.Single(read.Errors);
        Assert.Equal("r.yml", error.Place.File);
        Assert.InRange(error.Place.Line, 1, 3);
    }

    [Fact]
    public void Read_NotYamlBehindOtherRules_RefusedWhole()
    {
        var read = SigmaReader.Read("r.yml", $"{Good}---\ntitle: no rule\n---\n{Good.Replace("aws", "okta", StringComparison.Ordinal)}---\ntitle: [open\n");

        Assert.Empty(read.Rules);
        Assert.Empty(read.Skipped);
        Assert.StartsWith("not YAML", Assert.Single(read.Errors).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_Refused()
    {
        var read = SigmaReader.Read("r.yml", $"title: t\ndetection: {new string('[', 100_000)}");

        Assert.Contains("nested more than 64 deep", Assert.Single(read.Errors).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AliasesOfAliases_Refused()
    {
        // Ten levels of three aliases each would stand for 59,049 times the list.
        var detection = new StringBuilder("  s0: &a0 [" + string.Join(", ", Enumerable.Range(0, 1_000)) + "]\n");
        for (var level = 1; level <= 10; level++)
        {
            detection.Append($"  s{level}: &a{level} [*a{level - 1}, *a{level - 1}, *a{level - 1}]\n");
        }

        var read = SigmaReader.Read("r.yml", $"title: t\nlogsource: {{product: aws}}\ndetection:\n{detection}  condition: s10\n");

        Assert.Empty(read.Rules);
        Assert.Contains("alias", Assert.Single(read.Errors).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s: &a [*a]")]
    [InlineData("s: &a {x: *a}")]
    [InlineData("s: &a [[*a, b], c]")]
    public void Read_AliasOfItself_Refused(string search)
    {
        var read = SigmaReader.Read("r.yml", $"title: t\nlogsource: {{product: aws}}\ndetection:\n  {search}\n  condition: s\n");

        Assert.Empty(read.Rules);
        Assert.Single(read.Errors);
    }

    [Fact]
    public void Read_PlainAlias_Understood()
    {
        var read = SigmaReader.Read("r.yml", "title: t\nlogsource: {product: aws}\ndetection:\n  s: &same {eventName: A}\n  u: *same\n  condition: s and u\n");

        Assert.Empty(read.Errors);
        Assert.Single(read.Rules);
    }

    [Fact]
    public void Read_PathOfManyParts_Refused()
    {
        var read = SigmaReader.Read(
            "r.yml",
            $"title: t\nlogsource: {{product: aws}}\ndetection: {{s: {{'{string.Join('.', Enumerable.Repeat("a", 50_000))}': b}}, condition: s}}\n"
        );

        Assert.Empty(read.Rules);
        Assert.Contains("parts", Assert.Single(read.Errors).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongAndDeepConditions_ReadOrRefusedWithoutOverflow()
    {
        var deep = SigmaReader.Read("r.yml", Good.Replace("condition: s", $"condition: {new string('(', 20_000)}s", StringComparison.Ordinal));
        var longOne = SigmaReader.Read(
            "r.yml",
            Good.Replace("condition: s", $"condition: {string.Concat(Enumerable.Repeat("s or ", 20_000))}s", StringComparison.Ordinal)
        );

        Assert.Contains("nested more than 100 deep", Assert.Single(deep.Errors).Reason, StringComparison.Ordinal);
        Assert.Single(longOne.Rules);
    }

    [Theory]
    [InlineData("*a : b\n? *a\n: &a c\n")] // the library would compare the stand-ins for ever
    [InlineData("title: *later\nlevel: &later low\n")]
    [InlineData("title: &a x\n---\ntitle: *a\n")] // an anchor holds within its document
    public void Read_AliasOfWhatIsNotThereYet_Refused(string text)
    {
        var read = SigmaReader.Read("r.yml", text);

        Assert.Contains(read.Errors, error => error.Reason.Contains("not there yet", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_AnySoupOfYaml_NeverThrows()
    {
        var soup = Gen.Elements(
                "title: t\n",
                "detection:\n",
                "  s:\n",
                "    a|re: b\n",
                "  condition: s\n",
                "logsource: {product: aws}\n",
                "correlation:\n",
                "  type: event_count\n",
                "- ",
                "? ",
                ": ",
                "[",
                "]",
                "{",
                "}",
                "&a ",
                "*a ",
                "!!int ",
                "!x ",
                "|\n",
                ">\n",
                "\"",
                "'",
                "#",
                "---\n",
                "...\n",
                "%YAML 9.9\n",
                "\t",
                "\0",
                "é",
                "😀",
                "~",
                "1",
                "    a|lt: 1e999\n",
                "<<: *a\n",
                ","
            )
            .ArrayOf()
            .Select(string.Concat);
        Property.Holds(soup, text => SigmaReader.Read("r.yml", text), 3_000);
    }

    [Theory]
    [InlineData("{s: {eventName: a}, timeframe: 5m, condition: s}")] // says nothing without an aggregation, which is refused
    [InlineData("{s: {eventName|re: '^(?P<first>a)$'}, condition: s}")] // a PCRE group
    public void Read_OlderForms_Match(string detection)
    {
        var rules = Matching.Load([("r.yml", Matching.RuleAround(detection).Replace("product: aws", "product: AWS", StringComparison.Ordinal))]);

        var matches = Matching.Run(rules, """{"eventName":"a"}""");

        Assert.Single(matches[0]);
    }
}
