using System.Text.Json;
using Detector.App.AwsFacts;
using Detector.App.Lints;
using Detector.Core.Rules;

namespace Detector.Tests.Conformance;

/// <summary>What lints take for facts agrees with the records of a real account: a name that is seen there is never called unknown.</summary>
public sealed class FactsConformanceTests
{
    [Fact]
    public void RealRecords_NamesFieldsAndValues_AreAllPossible()
    {
        var doubts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Places.Shared("corpora/trails/invictus"), "*.json"))
        {
            using var trail = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var record in trail.RootElement.GetProperty("Records").EnumerateArray())
                Doubt(record, doubts);
        }

        Assert.Empty(doubts);
    }

    private static void Doubt(JsonElement record, SortedSet<string> doubts)
    {
        var (source, name) = (record.GetProperty("eventSource").GetString()!, record.GetProperty("eventName").GetString()!);
        if (Operations.Find(source) is { IsOpen: false } known && !known.Has(name))
            doubts.Add($"{source} {name}");
        foreach (var (path, value) in Leaves("", record))
        {
            if (RecordFields.IsUnknown(path, out _))
                doubts.Add(path);
            else if (FieldValues.Of(path) is { } values && !values.CanMeet(new FieldTest.Text(TextPattern.Exactly(value))))
                doubts.Add($"{path} = {value}");
        }
    }

    private static IEnumerable<(string Path, string Value)> Leaves(string path, JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(member => Leaves(path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Leaves(path, item)),
            JsonValueKind.Null => [],
            _ => [(path, element.ToString() is var text && element.ValueKind is JsonValueKind.True or JsonValueKind.False ? text.ToLowerInvariant() : text)],
        };
}
