using System.Text;
using System.Text.Json;
using Detector.Core.Events.Json;
using FsCheck.Fluent;

namespace Detector.Tests.Events.Json;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("""plain""", "plain")]
    [InlineData("""\"\\\/\b\f\n\r\t""", "\"\\/\b\f\n\r\t")]
    [InlineData("""\u0041\u00e9\u20AC""", "Aé€")]
    [InlineData("""\ud83d\ude00""", "😀")]
    [InlineData("""\ud83dx\ude00""", "\uFFFDx\uFFFD")]
    [InlineData("""\ud83d\u0041""", "\uFFFDA")]
    [InlineData("""\q\u12\uzzzz\""", """\q\u12\uzzzz\""")]
    [InlineData("""\\u0041""", """\u0041""")]
    [InlineData("\\u004\0", "\\u004\0")]
    public void Unescape_Text_AsJsonMeansIt(string escaped, string expected)
    {
        var text = JsonText.Unescape(Encoding.UTF8.GetBytes(escaped));

        Assert.Equal(expected, Encoding.UTF8.GetString(text));
    }

    [Fact]
    public void Unescape_AnySoupOfEscapes_NeverLongerAndNeverThrows()
    {
        var soup = Gen.Elements("\\", "u", "\\u", "d83d", "\\ude00", "\\ud83d", "n", "\"", "é", "0", "\\u0000", "\\uFFFF").ArrayOf().Select(string.Concat);
        Property.Holds(
            soup,
            text =>
            {
                var escaped = Encoding.UTF8.GetBytes(text);

                Assert.InRange(JsonText.Unescape(escaped).Length, 0, escaped.Length);
            },
            1_000
        );
    }

    [Theory]
    [InlineData("""{"a":[1,"x",null]}""", true)]
    [InlineData("""{"a":"\ud83d\ude00"}""", true)]
    [InlineData("""{"a":"\ud83d"}""", false)]
    [InlineData("""{"\ud83d":1}""", false)]
    [InlineData("""{"a" 1}""", false)]
    [InlineData("""{"a":1,}""", false)]
    [InlineData("""{"a":1}{""", false)]
    [InlineData("""{"a":tru}""", false)]
    [InlineData("""{"a":"\q"}""", false)]
    [InlineData("", false)]
    public void IsValid_Text_WhetherJson(string text, bool expected)
    {
        var valid = JsonText.IsValid(Encoding.UTF8.GetBytes(text), out var reason);

        Assert.Equal((expected, expected), (valid, reason.Length == 0));
    }

    [Fact]
    public void IsValid_BrokenUtf8OrTooDeep_False()
    {
        Assert.False(JsonText.IsValid([.. "{\"a\":\""u8, 0xC3, .. "\"}"u8], out _));
        Assert.False(JsonText.IsValid(Encoding.UTF8.GetBytes(new string('[', 1_000) + new string(']', 1_000)), out _));
    }

    [Theory]
    [InlineData("""{"a":"\ud83d","\uDE00b":1}""", """{"a":"\ufffd","\ufffdb":1}""")]
    [InlineData("""{"a":"\ud83d\ud83d\ude00"}""", """{"a":"\ufffd\ud83d\ude00"}""")]
    [InlineData("""{"a":"\\\ud83d"}""", """{"a":"\\\ufffd"}""")]
    [InlineData("""{"a":"\\ud83d"}""", null)]
    [InlineData("""{"a":"\ud83d\ude00 \u0041\n"}""", null)]
    [InlineData("""{"a":"\""", null)]
    [InlineData("", null)]
    public void WithoutHalfPairs_Text_ReplacesThemAlone(string text, string? expected) =>
        Assert.Equal(expected, JsonText.WithoutHalfPairs(Encoding.UTF8.GetBytes(text)) is { } whole ? Encoding.UTF8.GetString(whole) : null);

    [Fact]
    public void WithoutHalfPairs_AnyDocument_IsReadThenAndAsLong() =>
        Property.Holds(
            Documents.Any.Select(text => text.Replace("\\ude00", "", StringComparison.Ordinal).Replace("\\n", "\\ud800\\n", StringComparison.Ordinal)),
            text =>
            {
                var json = Encoding.UTF8.GetBytes(text);
                var whole = JsonText.WithoutHalfPairs(json);

                Assert.Equal(json.Length, whole?.Length ?? json.Length);
                Assert.True(JsonText.IsValid(whole ?? json, out var reason), reason);
            }
        );

    [Fact]
    public void Compact_AnyStyle_SameText()
    {
        // Beyond the basic plane the platform's writer escapes what JSON would not: there, style makes a difference.
        Property.Holds(
            Documents.Any.Where(text => !text.Contains('\ud83d') && !text.Contains("ud83d", StringComparison.Ordinal)),
            text =>
            {
                using var document = JsonDocument.Parse(text);

                var compact = Encoding.UTF8.GetString(JsonText.Compact(Encoding.UTF8.GetBytes(text)));

                Assert.True(JsonElement.DeepEquals(document.RootElement, JsonDocument.Parse(compact).RootElement));
                Assert.Equal(compact, Encoding.UTF8.GetString(JsonText.Compact(Encoding.UTF8.GetBytes($" {text} "))));
            }
        );
    }

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00": 1}""")]
    [InlineData("""{"a" 1}""")]
    [InlineData("""{"a": tru}""")]
    public void Compact_NoJson_AsItIs(string text)
    {
        var json = Encoding.UTF8.GetBytes(text);

        Assert.Equal(json, JsonText.Compact(json));
    }
}
