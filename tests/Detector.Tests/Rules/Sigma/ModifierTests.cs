namespace Detector.Tests.Rules.Sigma;

/// <summary>What a field's test means under its modifiers: one field <c>f</c>, one value in the rule, one in the record.</summary>
public sealed class ModifierTests
{
    [Theory]
    // text
    [InlineData("f", "'Alice'", "\"alice\"", true)]
    [InlineData("f", "'Alice'", "\"alice \"", false)]
    [InlineData("f|cased", "'Alice'", "\"alice\"", false)]
    [InlineData("f|cased", "'Alice'", "\"Alice\"", true)]
    [InlineData("f", "'ÄRGER'", "\"ärger\"", true)]
    [InlineData("f", "'al*e'", "\"Alice\"", true)]
    [InlineData("f", "'al?ce'", "\"Alice\"", true)]
    [InlineData("f", "'al?ce'", "\"Al😀ce\"", true)]
    [InlineData("f", "'al?ce'", "\"Alce\"", false)]
    [InlineData("f", @"'a\*c'", "\"a*c\"", true)]
    [InlineData("f", @"'a\*c'", "\"abc\"", false)]
    [InlineData("f", @"'a\\*'", @"""a\\bc""", true)]
    [InlineData("f", @"'a\b'", @"""a\\b""", true)]
    [InlineData("f", "'*'", "\"\"", true)]
    [InlineData("f", "'*'", "null", false)]
    [InlineData("f", "'*'", "{}", true)]
    [InlineData("f", "'*'", "[]", false)]
    [InlineData("f", "''", "\"\"", true)]
    [InlineData("f", "''", "null", false)]
    [InlineData("f|contains", "'lic'", "\"Alice\"", true)]
    [InlineData("f|contains", "'l?c'", "\"Alice\"", true)]
    [InlineData("f|contains", "'a*e'", "\"xALICEx\"", true)]
    [InlineData("f|startswith", "'al'", "\"Alice\"", true)]
    [InlineData("f|startswith", "'lice'", "\"Alice\"", false)]
    [InlineData("f|endswith", "'CE'", "\"Alice\"", true)]
    [InlineData("f|endswith|cased", "'CE'", "\"Alice\"", false)]
    [InlineData("f|contains|all", "['al', 'ce']", "\"Alice\"", true)]
    [InlineData("f|all|contains", "['al', 'bob']", "\"Alice\"", false)]
    [InlineData("f", "['bob', 'alice']", "\"Alice\"", true)]
    [InlineData("f|neq", "'alice'", "\"Alice\"", false)]
    [InlineData("f|neq", "'alice'", "\"bob\"", true)]
    [InlineData("f|neq", "['a', 'b']", "\"b\"", false)]
    // booleans, numbers, null
    [InlineData("f", "'false'", "false", true)]
    [InlineData("f", "No", "false", true)]
    [InlineData("f", "true", "\"True\"", true)]
    [InlineData("f", "22", "\"22\"", true)]
    [InlineData("f", "'22'", "22", true)]
    [InlineData("f", "22", "22.0", false)]
    [InlineData("f", "null", "null", true)]
    [InlineData("f", "null", "\"\"", false)]
    [InlineData("f", "null", "[]", false)]
    [InlineData("f", "null", "[null]", true)]
    [InlineData("f", "'null'", "null", false)]
    // objects and arrays
    [InlineData("f|contains", "'Suspended'", """{"s": {"Status":"Suspended"}}""", true)]
    [InlineData("f", """'{"a":1}'""", """{ "a" : 1 }""", true)]
    [InlineData("f", "'b'", """["a",["b"]]""", true)]
    [InlineData("f.g", "'b'", """[{"g":"a"},{"g":["b"]}]""", true)]
    [InlineData("f.g", "'b'", """{"g":{"b":1}}""", false)]
    // existence
    [InlineData("f|exists", "true", "null", true)]
    [InlineData("f|exists", "false", "null", false)]
    [InlineData("g|exists", "false", "1", true)]
    [InlineData("f.g|exists", "true", "\"text\"", false)]
    // numbers
    [InlineData("f|lt", "5", "4.9", true)]
    [InlineData("f|lt", "5", "\"4\"", true)]
    [InlineData("f|lt", "5", "\"four\"", false)]
    [InlineData("f|lte", "5", "5.0", true)]
    [InlineData("f|gt", "5", "5", false)]
    [InlineData("f|gte", "'5'", "5e0", true)]
    [InlineData("f|gt", "5", "1e999", false)]
    // regular expressions
    [InlineData("f|re", "'l[ij]c'", "\"Alice\"", true)]
    [InlineData("f|re", "'^lice'", "\"Alice\"", false)]
    [InlineData("f|re", "'ALICE'", "\"alice\"", false)]
    [InlineData("f|re|i", "'ALICE'", "\"alice\"", true)]
    [InlineData("f|re|m", "'^b$'", "\"a\\nb\\nc\"", true)]
    [InlineData("f|re", "'a.b'", "\"a\\nb\"", false)]
    [InlineData("f|re|s", "'a.b'", "\"a\\nb\"", true)]
    [InlineData("f|re", @"'(a)\1'", "\"aa\"", true)]
    // addresses
    [InlineData("f|cidr", "10.0.0.0/8", "\"10.255.0.1\"", true)]
    [InlineData("f|cidr", "10.0.0.0/8", "\"11.0.0.1\"", false)]
    [InlineData("f|cidr", "10.0.0.0/8", "\"010.000.000.001\"", true)]
    [InlineData("f|cidr", "10.0.0.0/8", "\"10.1\"", false)]
    [InlineData("f|cidr", "10.0.0.0/8", "\"cloudtrail.amazonaws.com\"", false)]
    [InlineData("f|cidr", "10.0.0.0/8", "\"10.0.0.256\"", false)]
    [InlineData("f|cidr", "'2001:db8::/32'", "\"2001:db8:1::1\"", true)]
    [InlineData("f|cidr", "'::/0'", "\"10.0.0.1\"", false)]
    [InlineData("f|cidr", "192.0.2.7", "\"192.0.2.7\"", true)]
    [InlineData("f|cidr", "10.0.0.0/8", "167772161", false)]
    // times, in UTC
    [InlineData("f|hour", "23", "\"2026-01-01T01:30:00+02:00\"", true)]
    [InlineData("f|hour|gte", "20", "\"2026-01-01T21:00:00Z\"", true)]
    [InlineData("f|minute", "30", "\"2026-01-01T01:30:00Z\"", true)]
    [InlineData("f|day", "1", "\"2026-01-01T01:30:00Z\"", true)]
    [InlineData("f|week", "1", "\"2025-12-31T12:00:00Z\"", true)]
    [InlineData("f|month|lt", "2", "\"2026-01-01T01:30:00Z\"", true)]
    [InlineData("f|year", "2026", "\"yesterday\"", false)]
    // encodings: printf 'root' | base64, and inside 'xroot', 'xxroot'
    [InlineData("f|base64|contains", "'root'", "\"cm9vdA==\"", true)]
    [InlineData("f|base64offset|contains", "'root'", "\"eHJvb3Q=\"", true)]
    [InlineData("f|base64offset|contains", "'root'", "\"eHhyb290\"", true)]
    [InlineData("f|base64offset|contains", "'root'", "\"dG9vcg==\"", false)]
    [InlineData("f|base64offset|contains", "'r'", "\"nothing of the kind\"", false)]
    [InlineData("f|wide|base64|contains", "'ab'", "\"YQBiAA==\"", true)]
    [InlineData("f|utf16le|base64|contains", "'ab'", "\"YQBiAA==\"", true)]
    [InlineData("f|utf16be|base64|contains", "'ab'", "\"AGEAYg==\"", true)]
    [InlineData("f|utf16|base64|contains", "'ab'", "\"//5hAGIA\"", true)]
    [InlineData("f|windash|contains", "' -x'", "\"tool /x\"", true)]
    [InlineData("f|windash|contains", "' -x'", "\"tool x\"", false)]
    public void Match_Value_AsTheModifierSays(string field, string ruleValue, string recordValue, bool expected)
    {
        var rule = $"title: t\nlogsource: {{product: aws}}\ndetection:\n  s:\n    {field}: {ruleValue}\n  condition: s\n";

        var matches = Matching.Run(Matching.Load([("r.yml", rule)]), $$"""{"f":{{recordValue}}}""");

        Assert.Equal(expected, matches[0].Count == 1);
    }

    [Theory]
    [InlineData("f|fieldref: g", """{"f":"Alice","g":"alice"}""", true)]
    [InlineData("f|fieldref|cased: g", """{"f":"Alice","g":"alice"}""", false)]
    [InlineData("f|fieldref|contains: g", """{"f":"Alice","g":"LIC"}""", true)]
    [InlineData("f|startswith|fieldref: g", """{"f":"Alice","g":"al"}""", true)]
    [InlineData("f|endswith|fieldref: g", """{"f":"Alice","g":"al"}""", false)]
    [InlineData("f|fieldref: g", """{"f":"1","g":1}""", true)]
    [InlineData("f|fieldref: g", """{}""", false)]
    [InlineData("f|fieldref: g", """{"f":null,"g":null}""", false)]
    [InlineData("f|fieldref: g", """{"f":["a","b"],"g":["c","B"]}""", true)]
    public void Match_FieldRef_ComparesTheTwo(string item, string record, bool expected)
    {
        var rule = $"title: t\nlogsource: {{product: aws}}\ndetection:\n  s:\n    {item}\n  condition: s\n";

        Assert.Equal(expected, Matching.Run(Matching.Load([("r.yml", rule)]), record)[0].Count == 1);
    }

    [Theory]
    [InlineData("""["secret"]""", """{"a":{"b":["x","my SECRET thing"]}}""", true)]
    [InlineData("""["secret"]""", """{"secret":"x"}""", false)]
    [InlineData("""["a", "b"]""", """{"x":"...b..."}""", true)]
    [InlineData("""{"|all": ["a", "b"]}""", """{"x":"a","y":["b"]}""", true)]
    [InlineData("""{"|all": ["a", "b"]}""", """{"x":"a"}""", false)]
    [InlineData("""["42"]""", """{"x":421}""", true)]
    [InlineData("""["tru"]""", """{"x":true}""", true)]
    [InlineData("""{"|re": "^s.t$"}""", """{"x":"s\u0065t"}""", true)]
    public void Match_Keywords_AnyValueAnywhere(string keywords, string record, bool expected)
    {
        var rules = Matching.Load([("r.yml", Matching.RuleAround($$"""{"k": {{keywords}}, "condition": "k"}"""))]);

        Assert.Equal(expected, Matching.Run(rules, record)[0].Count == 1);
    }
}
