using System.Text;
using Detector.Core.Events;
using FsCheck.Fluent;

namespace Detector.Tests.Events;

/// <summary>What is no JSON, or stops being some: told with its place, never thrown, and its neighbours are read.</summary>
public sealed class RecordReaderGarbageTests
{
    private const string A = """{"eventVersion":"1.10","eventName":"A"}""";
    private const string B = """{"eventVersion":"1.10","eventName":"B"}""";
    private const string C = """{"eventVersion":"1.10","eventName":"C"}""";

    [Theory]
    [InlineData($"[{A},1,{B}]", 41, "not an object", "1")]
    [InlineData($"[{A},\"x,{{]\",{B}]", 41, "not an object", "\"x,{]\"")]
    [InlineData($"[{A},null,{B}]", 41, "not an object", "null")]
    [InlineData($"{A}\nnonsense\n{B}", 40, "neither an object nor an array", "nonsense")]
    [InlineData($"{A}\n}}\n{B}", 40, "neither an object nor an array", "}")]
    [InlineData($"{A}\n\0\n{B}", 40, "neither an object nor an array", "\0")]
    [InlineData(
        $$"""[{{A}},{"eventVersion":"1","eventName":"x"],{{B}}]""",
        41,
        "a bracket of the wrong kind closes the object",
        """{"eventVersion":"1","eventName":"x"],"""
    )]
    [InlineData($$"""[{{A}},{"eventVersion":"1","a":{"b":1,{{B}}]""", 41, "the text ends inside the record", """{"eventVersion":"1","a":{"b":1,""")]
    [InlineData($$"""{"Records":[{{A}}]]{{B}}""", 52, "a bracket of the wrong kind closes the object", "]")]
    [InlineData($$"""{"Records":[{{A}}],"x":1]{{B}}""", 53, "a bracket of the wrong kind closes the object", "\"x\":1]")]
    [InlineData($$"""{"Records":[{{A}},[{{C}}],{{B}}]}""", 52, "not an object", $"[{C}]")]
    [InlineData($$"""{"Records":[{{A}},[[],{"x":["]"]}] , {{B}}]}""", 52, "not an object", """[[],{"x":["]"]}]""")]
    [InlineData($$"""{"Records":[{{A}},[1,[[{{B}}]}""", 52, "the text ends inside the record", "[1,[[")]
    [InlineData($$"""{"Records":[{{A}},[1,{{B}}]}""", 52, "the record is cut: another begins inside it", "[1,")]
    [InlineData(A + "\n{\"eventName\":\"x\n" + B, 40, "the text ends inside the record", "{\"eventName\":\"x")]
    public void Read_GarbageBetweenTwo_ToldWithItsPlace(string text, int offset, string reason, string content)
    {
        var read = Reading.Of(text);

        Assert.Equal(["A", "B"], read.Names);
        var problem = Assert.Single(read.Problems);
        Assert.Equal((1, (long)offset, reason, content), (problem.Index, problem.Offset, problem.Reason, Encoding.UTF8.GetString(problem.Content.Span)));
        Assert.Equal([0, 2], read.Records.Select(r => r.Index));
    }

    [Theory]
    [InlineData($$"""{"Records":[{"eventVersion":"1.10","resources":[{"ARN":"x"},{{A}},{{B}}]}""")]
    [InlineData($$"""{"Records":[{"eventVersion":"1.10","resources":[{{A}},{{B}}]}{"Records":[]}""")]
    [InlineData($$"""[{"eventVersion":"1.10","a":{"list":[{"x":[{{A}},{{B}}]}]}""")]
    public void Read_RecordCutInsideItsArray_TakesNoOtherWithIt(string text)
    {
        var read = Reading.Of(text);

        Assert.Equal(["A", "B"], read.Names);
        Assert.NotEmpty(read.Problems);
    }

    [Theory]
    [InlineData($"[{A},,{B},]")]
    [InlineData($"[,{A} {B}]")]
    [InlineData($",{A},\n{B},")]
    public void Read_StrayCommas_BothRecords(string text)
    {
        var read = Reading.Of(text);

        Assert.Equal(["A", "B"], read.Names);
        Assert.Empty(read.Problems);
    }

    [Theory]
    [InlineData($"[{A},{B}", "the text ends inside an array of records")]
    [InlineData($$"""{"Records":[{{A}},{{B}},""", "the text ends inside an array of records")]
    [InlineData($$"""{"Records":[{{A}},{{B}}]""", "the text ends inside an object")]
    [InlineData($$"""{"Records":[{{A}},{{B}}],"n":{"a":1}""", "the text ends inside an object")]
    [InlineData($$"""{"Records":[{{A}},{{B}},{"eventVersion":"1.1""", "the text ends inside the record")]
    [InlineData($"{A}{B}{{", "the text ends inside the record")]
    public void Read_TextEndsEarly_WhatWasWholeAndTheReason(string text, string reason)
    {
        var read = Reading.Of(text);

        Assert.Equal(["A", "B"], read.Names);
        Assert.Equal(reason, Assert.Single(read.Problems).Reason);
    }

    [Fact]
    public void Read_CutAnywhere_WholeRecordsAreReadAndTheLossIsTold()
    {
        var whole = Encoding.UTF8.GetBytes($$"""{"Records":[{{A}},{{B}},{{C}}]}""");
        for (var length = 1; length < whole.Length; length++)
        {
            var read = Reading.Of(whole.AsSpan(0, length));

            var complete = new[] { A, B, C }.Take((length - "{\"Records\":[".Length + 1) / (A.Length + 1)).Count();
            Assert.Equal(complete, read.Records.Count);
            Assert.NotEmpty(read.Problems);
        }
    }

    [Fact]
    public void Read_InvalidUtf8InANeighbour_BothRecords()
    {
        byte[] text = [.. "{\"eventName\":\"A\",\"x\":\""u8, 0xFF, 0xC3, .. "\"}\n"u8, .. Encoding.UTF8.GetBytes(B)];

        Assert.Equal(["A", "B"], Reading.Of(text).Names);
    }

    [Fact]
    public void Read_ContentOfAProblem_IsBounded()
    {
        var read = Reading.Of("{" + new string('x', 3 * Rejected.MaxContent));

        Assert.Equal(Rejected.MaxContent, Assert.Single(read.Problems).Content.Length);
    }

    [Theory]
    [InlineData("{\n")]
    [InlineData("{\"eventVersion\"")]
    [InlineData("\\\":")]
    [InlineData("1\n")]
    [InlineData("\"\n")]
    [InlineData("{\"Records\":[")]
    public void Read_OneTrickOverAndOver_TextIsSearchedAgainABoundedNumberOfTimes(string trick)
    {
        const int most = 1_000;
        var lines = string.Concat(Enumerable.Repeat(trick, 20 * most));
        foreach (var text in (string[])[lines, "[{" + lines])
        {
            var problems = Reading.Of(text).Problems;

            // Behind each the rest of the text may be searched: the work is linear as long as their number does not grow with the text.
            Assert.InRange(problems.Count, 1, most);
            Assert.All(problems.SkipLast(1), problem => Assert.DoesNotContain("too many", problem.Reason, StringComparison.Ordinal));
            Assert.Equal(problems.Count == most, problems[^1].Reason.EndsWith("too many of these, and the rest of it is not read", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Read_AnyBytes_NeverThrows()
    {
        var anything = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();
        Property.Holds(anything, bytes => Reading.Of(bytes), 1_000);
    }

    [Fact]
    public void Read_AnyTokens_NeverThrows()
    {
        var token = Gen.Elements(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\n",
            " ",
            "\"Records\"",
            "{\"Records\":[",
            "\"eventName\":\"A\"",
            "\"detail\":{",
            "\"detail-type\":\"via CloudTrail\"",
            "{\"Type\":\"Notification\",\"Message\":\"",
            "{\\\"eventName\\\":\\\"N\\\"}",
            "null",
            "1",
            A,
            "\uFEFF",
            "\\u00",
            "é"
        );
        Property.Holds(token.ArrayOf().Select(string.Concat), text => Reading.Of(text), 3_000);
    }

    [Fact]
    public void Read_SpaceBefore_ChangesNothing()
    {
        string[] texts =
        [
            $$"""{"Records":[{{A}},{"a\"b":"{\\","eventName":"D","n":[1,2,{"x":"]"}]},{{B}}]}""",
            $$"""{"detail-type":"AWS API Call via CloudTrail","detail":{{A}}}{{B}}""",
            $$"""[{"{{new string('k', 80)}}" : {"eventName":"no"} , "\u0065ventName" : "\\\"é" },1,{{B}}]""",
            $$"""{"Type":"Notification","Message":"{\"eventName\":\"\\u0041\"}"}{"eventVersion":1]{"eventVersion":2}""",
        ];
        foreach (var text in texts)
        {
            var expected = Reading.Of(text);
            for (var spaces = 1; spaces <= 130; spaces++)
            {
                var read = Reading.Of(new string(' ', spaces) + text);

                Assert.Equal(expected.Records, read.Records);
                Assert.Equal(expected.Problems.Select(p => (p.Index, p.Reason)), read.Problems.Select(p => (p.Index, p.Reason)));
            }
        }
    }
}
