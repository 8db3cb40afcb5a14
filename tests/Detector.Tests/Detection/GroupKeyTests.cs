using System.Text;
using Detector.Core.Detection;
using Detector.Core.Rules.Fields;

namespace Detector.Tests.Detection;

public sealed class GroupKeyTests
{
    [Theory]
    [InlineData("""{"a":"x","b":"y"}""", "x, y")]
    [InlineData("""{"b":1,"a":true}""", "true, 1")]
    [InlineData("""{"a":["x","z"],"b":"y"}""", "x|z, y")]
    [InlineData("""{"a":"\u0078","b":""}""", "x, ")]
    [InlineData("""{"a":"AWS Internal","b":"y"}""", "AWS Internal, y")]
    [InlineData("""{"a":"x"}""", null)]
    [InlineData("""{"a":"x","b":null}""", null)]
    [InlineData("""{"a":"x","b":[]}""", null)]
    [InlineData("""{}""", null)]
    public void Of_Record_ItsValues(string record, string? expected)
    {
        Assert.Equal(expected, Of(record));
    }

    [Fact]
    public void Of_RecordsWithOtherValues_OtherGroups()
    {
        // Whoever chooses one of the values must not be able to hide in another's group.
        string[] records =
        [
            """{"a":"x, y","b":"z"}""",
            """{"a":"x","b":"y, z"}""",
            """{"a":["x","y"],"b":"z"}""",
            """{"a":"x|y","b":"z"}""",
            """{"a":"x y","b":"z"}""",
            """{"a":"\"x, y\"","b":"z"}""",
            """{"a":"\"x","b":"y\", z"}""",
            """{"a":["x, y"],"b":["z",""]}""",
            """{"a":"x","b":["y","z"]}""",
        ];

        Assert.Equal(records.Length, records.Select(Of).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("""{"a":{"k": "v\"w"},"b":1}""", """{"a":{"k":"v\"w"}, "b":1}""")]
    [InlineData("""{"a":"x\/y","b":1}""", """{"b":1,"a":"x/y"}""")]
    public void Of_SameValuesWrittenOtherwise_SameGroup(string one, string other)
    {
        Assert.Equal(Of(one), Of(other));
    }

    [Fact]
    public void HashOf_Records_AlikeWhereTheirGroupsAre()
    {
        string[] values =
        [
            """ "x" """,
            """ "\u0078" """,
            """ ["x"] """,
            """ ["x","x"] """,
            """ "" """,
            """ ["",""] """,
            """ "x, y" """,
            """ "ä" """,
            """ ["ä"] """,
            """ "\u00e4" """,
            "1",
            "[1,1]",
            "true",
            "null",
            "[]",
            "[[]]",
            """ {"k": 1} """,
            """ [{"k":1}] """,
            """ "{\"k\":1}" """,
            $"\"{new string('z', 600)}\"",
            $"[\"{new string('z', 600)}\"]",
        ];
        var records = values.SelectMany(a => values.Select(b => $$"""{"a":{{a}},"b":{{b}}}""")).Append("""{"a":"x"}""").ToList();

        var hashes = records.GroupBy(Of, HashOf, StringComparer.Ordinal).Select(group => group.Distinct().ToList()).ToList();

        Assert.All(hashes, hash => Assert.Single(hash));
        // Nobody's hash is that of no group.
        Assert.Equal(records.Where(record => Of(record) is null), records.Where(record => HashOf(record) is null));
        Assert.True(hashes.Select(hash => hash[0]).Distinct().Count() > hashes.Count / 2);
    }

    private static int? HashOf(string record)
    {
        var reader = new FieldReader(["b", "a"]);
        return new GroupKey(["a", "b"], reader.Numbers).HashOf(reader.Read(Encoding.UTF8.GetBytes(record)));
    }

    private static string? Of(string record) => new GroupKey(["a", "b", "a"]).Of(Encoding.UTF8.GetBytes(record));
}
