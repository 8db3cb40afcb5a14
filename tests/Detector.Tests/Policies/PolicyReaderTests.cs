using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Detector.Core.Events.Json;
using Detector.Core.Policies;
using FsCheck.Fluent;

namespace Detector.Tests.Policies;

public sealed class PolicyReaderTests
{
    private const string Admin = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";

    public static TheoryData<string> Wrappings =>
        [
            Admin,
            $" \r\n\t{Admin}\n",
            $"\uFEFF{Admin}",
            JsonSerializer.Serialize(Admin),
            JsonSerializer.Serialize(JsonSerializer.Serialize(Admin)),
            Uri.EscapeDataString(Admin),
            Uri.EscapeDataString(Uri.EscapeDataString(Admin)),
            JsonSerializer.Serialize(Uri.EscapeDataString(Admin)),
            Uri.EscapeDataString(Admin.Replace(":[", ": [", StringComparison.Ordinal)).Replace("%20", "+", StringComparison.Ordinal),
            Admin.Replace("\"", "%22", StringComparison.Ordinal),
            Admin.Replace("Statement", "STATEMENT", StringComparison.Ordinal).Replace("Effect", "effect", StringComparison.Ordinal),
            Admin.Replace("\"*\"", "\"\\u002a\"", StringComparison.Ordinal),
            Admin
                .Replace("\"*\"", "[\"*\"]", StringComparison.Ordinal)
                .Replace("[{", "{", StringComparison.Ordinal)
                .Replace("}]", "}", StringComparison.Ordinal),
            Admin.Replace("\"Effect\"", "\"Sid\":\"x\",\"Foo\":{\"a\":[1,null]},\"Effect\"", StringComparison.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Wrappings))]
    public void Read_AnyWrapping_IsTheSameDocument(string text)
    {
        var answers = Policy.Ask(text);

        Assert.Equal(PolicyFault.None, answers.Fault);
        Assert.Equal(Administration.Everything, answers.Administration);
    }

    [Fact]
    public void Read_FieldSlices_AreReadByKind()
    {
        var escaped = JsonSerializer.SerializeToUtf8Bytes(Admin).AsSpan()[1..^1];

        Assert.True(PolicyAnswers.Of(PolicyDocument.Read(escaped, JsonKind.String), Policy.At).IsAdministrative);
        Assert.True(PolicyAnswers.Of(PolicyDocument.Read(Encoding.UTF8.GetBytes(Admin), JsonKind.Object), Policy.At).IsAdministrative);
        Assert.Equal(PolicyFault.Empty, PolicyDocument.Read("null"u8, JsonKind.Null).Fault);
        Assert.Equal(PolicyFault.NotAnObject, PolicyDocument.Read("[]"u8, JsonKind.Array).Fault);
    }

    [Theory]
    [InlineData("", PolicyFault.Empty)]
    [InlineData(" \n", PolicyFault.Empty)]
    [InlineData("null", PolicyFault.Empty)]
    [InlineData("\"\"", PolicyFault.Empty)]
    [InlineData("hello", PolicyFault.NotJson)]
    [InlineData("%", PolicyFault.NotJson)]
    [InlineData("%%%7B", PolicyFault.NotJson)]
    [InlineData("{\"Statement\":[]} x", PolicyFault.NotJson)]
    [InlineData("{\"Statement\":[", PolicyFault.NotJson)]
    [InlineData("{\"Statement\":[{\"Effect\":\"\\ud800\"}]}", PolicyFault.NotJson)]
    [InlineData("[]", PolicyFault.NotAnObject)]
    [InlineData("{}", PolicyFault.Incomplete)]
    [InlineData("{\"Statement\":{}}", PolicyFault.Incomplete)]
    [InlineData("{\"Statement\":{\"Effect\":\"Allow\",\"Resource\":\"*\"}}", PolicyFault.Incomplete)]
    [InlineData("{\"Statement\":5}", PolicyFault.WrongType)]
    [InlineData("{\"Statement\":{\"Effect\":\"Maybe\",\"Action\":\"*\",\"Resource\":\"*\"}}", PolicyFault.WrongType)]
    [InlineData("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[[\"*\"]],\"Resource\":\"*\"}}", PolicyFault.WrongType)]
    [InlineData("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":null,\"Resource\":\"*\"}}", PolicyFault.WrongType)]
    [InlineData("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Action\":\"s3:x\"}}", PolicyFault.Ambiguous)]
    [InlineData("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotAction\":\"s3:x\"}}", PolicyFault.Ambiguous)]
    [InlineData("{\"Statement\":[],\"statement\":[]}", PolicyFault.Ambiguous)]
    public void Read_WhatIsNoPolicy_SaysWhy(string text, PolicyFault fault)
    {
        var answers = Policy.Ask(text);

        Assert.Equal(fault, answers.Fault);
        Assert.False(answers.IsReadable);
    }

    [Fact]
    public void Read_TooMuch_SaysSo()
    {
        Assert.Equal(PolicyFault.TooLarge, Policy.Read(new string(' ', PolicyText.MaxLength + 1)).Fault);
        Assert.Equal(PolicyFault.TooLarge, Policy.Read(Policy.Of($"'Effect':'Allow','Action':[{string.Join(',', Enumerable.Repeat("'a'", 9000))}]")).Fault);
        Assert.Equal(PolicyFault.TooDeep, Policy.Read($"{{\"Statement\":[],\"x\":{new string('[', 100_000)}").Fault);
    }

    [Fact]
    public void Read_Garbage_NeverThrows()
    {
        var pieces = Gen.Elements(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u00",
            "%7B",
            "%22",
            "%",
            "+",
            "\"Statement\":",
            "\"Effect\":\"Allow\"",
            "\"Action\":",
            "\"*\"",
            "\"Condition\":{\"Bool\":",
            "\"Principal\":",
            "null",
            "5",
            "\uFEFF",
            " "
        );
        Property.Holds(
            pieces.ArrayOf(),
            text =>
            {
                var document = Policy.Read(string.Concat(text));
                PolicyAnswers.Of(document, Policy.At);
                Assert.NotNull(Trust.Of(document, Policy.At).OutsideOf("1").ToList());
            },
            2000
        );
        Property.Holds(Gen.Choose(0, 255).ArrayOf(), bytes => PolicyDocument.Read([.. bytes.Select(b => (byte)b)]));
        for (var length = 0; length < Admin.Length; length++)
        {
            Assert.NotEqual(PolicyFault.None, Policy.Read(Admin[..length]).Fault);
        }
    }

    [Fact]
    public void Answers_ManyWildcards_EndInBoundedTime()
    {
        var watch = Stopwatch.StartNew();
        var star = string.Concat(Enumerable.Repeat("*a", 200_000));
        var many = string.Join(',', Enumerable.Range(0, 8000).Select(i => $"'*a*e*i*{i}'"));

        Policy.AskOf($"'Effect':'Allow','Action':'{star}','Resource':'{star}'");
        Policy.AskOf($"'Effect':'Allow','Action':[{many}],'Resource':'*'");
        Policy.AskOf($"'Effect':'Allow','Action':'*','Resource':[{many}]");

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("?", "", false)]
    [InlineData("a*b?d", "axxbcd", true)]
    [InlineData("*a*", "bbb", false)]
    [InlineData("*ab", "aab", true)]
    [InlineData("a", "A", false)]
    public void Wildcard_Matches_AsIam(string pattern, string text, bool matches) => Assert.Equal(matches, Wildcard.Matches(pattern, text));
}
