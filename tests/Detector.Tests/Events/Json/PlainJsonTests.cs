using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Detector.Core.Events.Json;
using FsCheck.Fluent;

namespace Detector.Tests.Events.Json;

public sealed class PlainJsonTests
{
    [Theory]
    [InlineData("""{"a":[1,"x",null,true,false],"b":{},"c":[],"d":{"e":-0.5e+7}}""")]
    [InlineData(" \r\n\t{ \"a\" : [ 1 , 2 ] }\n")]
    [InlineData("""{"a":"\"\\\/\b\f\n\r\t\u00e9 é€😀 and more than thirty-two bytes of it, \u0041 behind them"}""")]
    [InlineData("""[0,-1,12,1.25,1e9,1E-9]""")]
    [InlineData("\"\"")]
    public void IsSeenIn_UsualText_True(string text) => Assert.True(PlainJson.IsSeenIn(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a":1}}""")]
    [InlineData("""{"a":1]""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""[1,]""")]
    [InlineData("""{"a" 1}""")]
    [InlineData("""{"a"}""")]
    [InlineData("""{a:1}""")]
    [InlineData("""{"a":tru}""")]
    [InlineData("""{"a":nul""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":1.}""")]
    [InlineData("""{"a":-}""")]
    [InlineData("""{"a":1e}""")]
    [InlineData("""{"a":"\q"}""")]
    [InlineData("""{"a":"\u12"}""")]
    [InlineData("""{"a":"\ud83d"}""")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("{\"a\":1}\0")]
    [InlineData("""{"a":"and it does not end, however long one reads on from here""")]
    public void IsSeenIn_BrokenText_False(string text) => Assert.False(PlainJson.IsSeenIn(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void IsSeenIn_BrokenUtf8_False() => Assert.False(PlainJson.IsSeenIn([.. "{\"a\":\""u8, 0xC3, .. "\"}"u8]));

    [Fact]
    public void IsSeenIn_AnyDocument_UnlessItHasSurrogatePairs() =>
        Property.Holds(
            Documents.Any,
            text => Assert.True(PlainJson.IsSeenIn(Encoding.UTF8.GetBytes(text)) || text.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
        );

    [Fact]
    public void IsSeenIn_DocumentWithAByteChanged_OnlyWhatAReaderReads()
    {
        var cases =
            from text in Documents.Any
            from at in Gen.Choose(0, 2_000)
            from with in Gen.Elements("\"\\{}[]:,0e.-+ \n\0u\ud83d".ToCharArray())
            from how in Gen.Elements(0, 1, 2)
            select (text, at, with, how);
        Property.Holds(
            cases,
            one =>
            {
                List<byte> bytes = [.. Encoding.UTF8.GetBytes(one.text)];
                var at = one.at % bytes.Count;
                if (one.how != 0)
                {
                    bytes.RemoveAt(at);
                }
                if (one.how != 1)
                {
                    bytes.Insert(at, (byte)one.with);
                }
                var changed = bytes.ToArray();

                Assert.True(!PlainJson.IsSeenIn(changed) || IsRead(changed));
            },
            5_000
        );
    }

    private static bool IsRead(byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, JsonText.ReadOptions);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    reader.GetString();
                }
            }
            return Utf8.IsValid(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
