using System.Text;
using System.Text.Json;
using Detector.Core.Events.Json;
using FsCheck.Fluent;

namespace Detector.Tests.Events.Json;

public sealed class ObjectScannerTests
{
    [Fact]
    public void Scan_AnyDocument_SameAsParsing()
    {
        var cases =
            from text in Documents.Any
            from space in Gen.Choose(0, 130)
            from paths in Gen.OneOf(Gen.SubListOf(Documents.Paths), Gen.SubListOf(Documents.LongPaths))
            select (text, space, paths);
        Property.Holds(
            cases,
            x =>
            {
                var json = Encoding.UTF8.GetBytes(new string(' ', x.space) + x.text + " ]}{");
                var table = new FieldTable();

                var end = ObjectScanner.Scan(json, x.space, FieldSelection.Of([.. x.paths]), table);

                Assert.Equal(json.Length - 4, end);
                using var document = JsonDocument.Parse(x.text);
                foreach (var (path, field) in x.paths.Select((path, field) => (path, field)))
                {
                    Assert.Equal(SlowExtraction.Values(document.RootElement, path).Select(Describe), Values(table, field, json).Select(v => Describe(v, json)));
                }
            },
            3_000
        );
    }

    [Theory]
    [InlineData("""{"a":1,"b":{"a":2}}""", "a", "1")]
    [InlineData("""{"a":{"b":1},"a.b":2}""", "a.b", "1 2")]
    [InlineData("""{"a":[{"b":1},[{"b":[2,3]}],4,{"c":{"b":5}}]}""", "a.b", "1 [2,3] 2 3")]
    [InlineData("""{"a":"x","a":"y"}""", "a", "x y")]
    [InlineData("""{"A":1}""", "a", "")]
    [InlineData("""{"a":[]}""", "a", "[]")]
    [InlineData("""{"a":null}""", "a", "null")]
    public void Scan_Path_ItsValues(string text, string path, string expected)
    {
        var json = Encoding.UTF8.GetBytes(text);
        var table = new FieldTable();

        ObjectScanner.Scan(json, 0, FieldSelection.Of([path]), table);

        Assert.Equal(expected, string.Join(' ', Values(table, 0, json).Select(v => Encoding.UTF8.GetString(v.In(json)))));
    }

    [Fact]
    public void Scan_EveryKeyLength_Found()
    {
        for (var length = 1; length <= 140; length++)
        {
            var key = new string('k', length - 1) + "é";
            var table = new FieldTable();
            var json = Encoding.UTF8.GetBytes($$"""{"x":1, "{{key}}" : "v"}""");

            ObjectScanner.Scan(json, 0, FieldSelection.Of([key]), table);

            Assert.Equal("v"u8, table[table.First(0)].In(json));
        }
    }

    [Fact]
    public void Scan_OddPathBesideOthers_TakesNothingFromThem()
    {
        // A rule may ask for ".eventName"; that must not take eventName away from all the others.
        var json = """{"eventName":"A"}"""u8;
        var table = new FieldTable();

        ObjectScanner.Scan(json, 0, FieldSelection.Of(["eventName", ".eventName", ""]), table);

        Assert.Equal("A"u8, table[table.First(0)].In(json));
        Assert.Equal((-1, -1), (table.First(1), table.First(2)));
    }

    [Fact]
    public void Scan_DeeperThanTheLimit_PassedOverAndTheRestFound()
    {
        var path = string.Join('.', Enumerable.Repeat("d", 100));
        var json = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"d\":", 100)) + "1" + new string('}', 99) + ",\"e\":2}");
        var table = new FieldTable();

        var end = ObjectScanner.Scan(json, 0, FieldSelection.Of([path, "e"]), table);

        Assert.Equal(json.Length, end);
        Assert.Equal(-1, table.First(0));
        Assert.Equal("2"u8, table[table.First(1)].In(json));
    }

    [Theory]
    [InlineData("{", ObjectScanner.Unfinished)]
    [InlineData("""{"a":{}""", ObjectScanner.Unfinished)]
    [InlineData("""{"a":"}""", ObjectScanner.Unfinished)]
    [InlineData("""{"a":"\"}""", ObjectScanner.Unfinished)]
    [InlineData("""{"a":1]""", ObjectScanner.Malformed)]
    public void Scan_NoEnd_SaysSo(string text, int expected)
    {
        var end = ObjectScanner.Scan(Encoding.UTF8.GetBytes(text), 0, FieldSelection.Of(["a", "a.b"]), new FieldTable());

        Assert.Equal(expected, end);
    }

    private static List<FieldTable.Value> Values(FieldTable table, int field, ReadOnlySpan<byte> json)
    {
        var values = new List<FieldTable.Value>();
        for (var value = table.First(field); value >= 0; value = table[value].Next)
        {
            Assert.InRange(table[value].Start + table[value].Length, 0, json.Length);
            values.Add(table[value]);
        }
        return values;
    }

    private static string Describe(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? $"String {value.GetString()}" : $"{Kind(value.ValueKind)} {value.GetRawText()}";

    private static string Describe(FieldTable.Value value, byte[] json) =>
        value.Kind == JsonKind.String
            ? $"String {Encoding.UTF8.GetString(JsonText.Unescape(value.In(json)))}"
            : $"{value.Kind} {Encoding.UTF8.GetString(value.In(json))}";

    private static JsonKind Kind(JsonValueKind kind) =>
        kind switch
        {
            JsonValueKind.Object => JsonKind.Object,
            JsonValueKind.Array => JsonKind.Array,
            JsonValueKind.Null => JsonKind.Null,
            _ => JsonKind.Scalar,
        };
}
