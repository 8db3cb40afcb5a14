namespace Detector.Tests.Rules.Sigma;

/// <summary>The grammar of conditions, by what rules match.</summary>
public sealed class ConditionTests
{
    [Theory]
    // a, b and c hold where the event has them; not binds tighter than and, and tighter than or
    [InlineData("a or b and c", "a", true)]
    [InlineData("a or b and c", "b", false)]
    [InlineData("a or b and c", "bc", true)]
    [InlineData("(a or b) and c", "a", false)]
    [InlineData("(a or b) and c", "ac", true)]
    [InlineData("not a and b", "b", true)]
    [InlineData("not a and b", "ab", false)]
    [InlineData("not (a and b)", "a", true)]
    [InlineData("not not a", "a", true)]
    [InlineData("a and not b or c", "abc", true)]
    [InlineData("NOT a AND b OR c", "b", true)]
    [InlineData("1 of them", "c", true)]
    [InlineData("1 of them", "h", false)]
    [InlineData("any of them", "b", true)]
    [InlineData("all of them", "abc", true)]
    [InlineData("all of them", "ab", false)]
    [InlineData("1 of _*", "h", true)]
    [InlineData("all of _hidden", "h", true)]
    [InlineData("1 of nothing_*", "abch", false)]
    [InlineData("not 1 of nothing_*", "", true)]
    [InlineData("a and not 1 of them", "a", false)]
    public void Match_Condition_AsItsWordsBind(string condition, string fields, bool expected)
    {
        var detection = $$"""{"a": {"a": 1}, "b": {"b": 1}, "c": {"c": 1}, "_hidden": {"h": 1}, "condition": "{{condition}}"}""";
        var record = $"{{{string.Join(',', fields.Select(f => $"\"{f}\":1"))}}}";

        Assert.Equal(expected, Matching.Run(Matching.Load([("r.yml", Matching.RuleAround(detection))]), record)[0].Count == 1);
    }

    [Theory]
    [InlineData("1 of sel_*", "x", true)]
    [InlineData("all of sel_*", "x", false)]
    [InlineData("all of sel_*", "xy", true)]
    [InlineData("1 of *_two", "x", false)]
    [InlineData("1 of *_two", "y", true)]
    [InlineData("1 of s*_t*o", "y", true)]
    [InlineData("1 of sel_one", "x", true)]
    [InlineData("all of sel*", "xyz", true)]
    public void Match_NamesByPattern_Chosen(string condition, string fields, bool expected)
    {
        var detection = $$"""{"sel_one": {"x": 1}, "sel_two": {"y": 1}, "selected": {"z": 1}, "condition": "{{condition}}"}""";
        var record = $"{{{string.Join(',', fields.Select(f => $"\"{f}\":1"))}}}";

        Assert.Equal(expected, Matching.Run(Matching.Load([("r.yml", Matching.RuleAround(detection))]), record)[0].Count == 1);
    }

    [Fact]
    public void Match_ListOfConditions_AnyOfThem()
    {
        var rules = Matching.Load([("r.yml", Matching.RuleAround("""{"a": {"a": 1}, "b": {"b": 1}, "condition": ["a", "b"]}"""))]);

        Assert.Equal([1, 1, 0], Matching.Run(rules, """{"a":1}{"b":1}{"c":1}""").Select(m => m.Count));
    }
}
