using System.Text;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using FsCheck.Fluent;

namespace Detector.Tests.Events;

/// <summary>A text read window by window gives what it gives when it is read whole.</summary>
public sealed class RecordReaderWindowTests
{
    private const string A = """{"eventVersion":"1.10","eventName":"A","x":{"y":["}",{"z":"\\\""}]}}""";
    private const string B = """{"eventVersion":"1.10","eventName":"B"}""";

    private static readonly string[] Parts =
    [
        A,
        B,
        "[",
        "]",
        "{",
        "}",
        ",",
        "\n",
        " ",
        "\"",
        ":",
        "null",
        "\"a {\"",
        "{\"Records\":[",
        "{ \"Records\" : [ ",
        "{\"Rec",
        "]}",
        """{"first":{"x":[1,2]},"Records":[""",
        """],"last":[{"x":"]"}],"n":1}""",
        """{"detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"E"}}""",
        """{"detail-type":"EC2 Instance State-change Notification","detail":{}}""",
        """{"Type":"Notification","Message":"{\"Records\":[{\"eventName\":\"N\"},1,"}""",
        """{"digestStartTime":"2026-01-01T00:00:00Z"}""",
        """{"eventVersion":"1","eventName":"broken"]""",
        """{"eventVersion":"1","eventName":"open""",
        "\uFEFF",
        """{"eventVersion":"1","list":[""",
        "[[",
    ];

    [Fact]
    public void Windows_OfAnySize_GiveWhatTheWholeGives() =>
        Property.Holds(
            Gen.Elements(Parts).ListOf().Select(string.Concat).SelectMany(text => Gen.Choose(1, 40).Select(step => (Text: text, Step: step))),
            given =>
            {
                var text = Encoding.UTF8.GetBytes(given.Text);

                var whole = Windows(text, text.Length + 1, RecordReader.MaxRecord);
                var parts = Windows(text, given.Step, RecordReader.MaxRecord);

                Assert.Equal(Reading.Of(text).Names, whole.Names);
                Assert.Equal(whole, parts);
            },
            tries: 3_000
        );

    [Fact]
    public void Windows_RecordsOfALargeArray_HaveTheirPlaces()
    {
        var text = Encoding.UTF8.GetBytes("{\"Records\":[" + string.Join(",", Enumerable.Repeat(B, 1_000)) + "]}");

        var read = Windows(text, 100, RecordReader.MaxRecord);

        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{i} at {12 + i * (B.Length + 1)}: {B}"), read.Lines);
    }

    [Theory]
    [InlineData($"[{B},{{\"eventVersion\":\"2\",\"big\":\"@\"}},{B}]")]
    [InlineData($"{B}\n{{\"eventVersion\":\"2\",\"big\":\"@\"}}\n{B}")]
    [InlineData($"{B}\n\"@\"\n{B}")]
    [InlineData($"{B}\n@@\n{B}")]
    public void Windows_SomethingLargerThanARecordMayBe_IsToldAndTheRestGoesOn(string text)
    {
        var whole = Encoding.UTF8.GetBytes(text.Replace("@", new string('x', 5_000), StringComparison.Ordinal));

        var read = Windows(whole, 64, maxRecord: 1_000);

        var behind = text[0] == '[' ? "; of its array what follows is read from the next record that begins with eventVersion" : "";
        Assert.Equal(["B", "B"], read.Names);
        Assert.Equal(
            $"1 at {text.IndexOf(B, StringComparison.Ordinal) + B.Length + 1}: larger than 1,000 bytes, which no record is{behind}",
            Assert.Single(read.Problems)
        );
    }

    [Fact]
    public void Windows_RecordsBehindOtherKeysOfALargeObject_AreRead()
    {
        var text = Encoding.UTF8.GetBytes("{\"about\":\"x\",\"Records\":[" + string.Join(",", Enumerable.Repeat(B, 1_000)) + "],\"n\":1}");

        var read = Windows(text, 64, maxRecord: 1_000);

        Assert.Equal(1_000, read.Names.Count);
        Assert.Empty(read.Problems);
    }

    [Fact]
    public void Windows_NothingButGarbage_GivesUp()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("garbage\n", 2_000)));

        var read = Windows(text, 64, RecordReader.MaxRecord);

        Assert.Equal(1_000, read.Problems.Count);
        Assert.Contains("the rest of it is not read", read.Problems[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage\n")]
    [InlineData("{\n")]
    [InlineData("\"\n")]
    [InlineData("{\"eventVersion\":1,\n")]
    public void Windows_BehindWhatIsGivenUp_AreDoneWithWhole(string garbage)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(garbage, 100_000)));
        var position = default(ReadPosition);
        var table = new FieldTable();
        var steps = 0;
        for (; position.Offset < text.Length && steps < 20_000; steps++)
        {
            // A window as large as a record may be, as it comes to be of garbage.
            var window = text.AsSpan((int)position.Offset, (int)Math.Min(1_000, text.Length - position.Offset));
            using var reader = new RecordReader(window, false, position, RecordSelection.HeaderOnly, table, maxRecord: 1_000);
            while (reader.Read(out _) is ReadResult.Record or ReadResult.Unreadable) { }
            Assert.True(reader.Position.Offset > position.Offset, "a full window is done with in part");
            position = reader.Position;
        }

        Assert.InRange(steps, 1, text.Length / 1_000 + 200);
    }

    /// <summary>Shows the text to readers as something does that gets it in steps of a size, and never holds more than a record may be.</summary>
    private static Read Windows(byte[] text, int step, int maxRecord)
    {
        var read = new Read();
        var position = default(ReadPosition);
        for (var end = Math.Min(step, text.Length); ; )
        {
            var isLast = end == text.Length;
            var from = (int)position.Offset;
            Assert.True(end - from <= maxRecord + step);
            var isFull = end - from >= maxRecord;
            using (var reader = new RecordReader(text.AsSpan(from..end), isLast, position, RecordSelection.HeaderOnly, new FieldTable(), maxRecord))
            {
                ReadResult result;
                while ((result = reader.Read(out var record)) is ReadResult.Record or ReadResult.Unreadable)
                {
                    if (result == ReadResult.Record)
                        read.Add(record);
                    else
                        read.Add(reader.Problem);
                }
                read.Foreign += reader.Foreign;
                position = reader.Position;
                Assert.True(!isFull || position.Offset > from, "a full window is done with in part");
            }
            if (isLast)
                return read;
            end = Math.Min(end + step, text.Length);
        }
    }

    private sealed record Read
    {
        public List<string> Lines { get; } = [];

        public List<string> Names { get; } = [];

        public List<string> Problems { get; } = [];

        public int Foreign { get; set; }

        public void Add(in CloudTrailEvent record)
        {
            Names.Add(Encoding.UTF8.GetString(JsonText.Unescape(record.EventName)));
            Lines.Add($"{record.Index} at {record.Offset}: {Encoding.UTF8.GetString(record.Json)}");
        }

        public void Add(UnreadableRecord problem)
        {
            Problems.Add($"{problem.Index} at {problem.Offset}: {problem.Reason}");
            Lines.Add($"{Problems[^1]}: {Encoding.UTF8.GetString(problem.Content.Span)}");
        }

        public bool Equals(Read? other) => other is not null && Lines.SequenceEqual(other.Lines, StringComparer.Ordinal) && Foreign == other.Foreign;

        public override int GetHashCode() => Lines.Count;
    }
}
