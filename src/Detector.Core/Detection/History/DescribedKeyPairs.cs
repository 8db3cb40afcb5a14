using System.Globalization;
using System.Text.Json;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>What <c>aws ec2 describe-key-pairs</c> tells of the time before the trail: which key pairs there are and since when.</summary>
/// <remarks>EC2 API Reference, DescribeKeyPairs.</remarks>
public static class DescribedKeyPairs
{
    /// <summary>Reads the answer for one account and region, JSON as the AWS CLI prints it.</summary>
    /// <exception cref="FormatException">It is something else; the message tells why.</exception>
    public static IReadOnlyList<LearnedFact> Read(string json, string account, string region)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var pairs = document.RootElement.Member("KeyPairs");
            if (pairs.ValueKind != JsonValueKind.Array)
            {
                throw new FormatException("no answer of describe-key-pairs: it has no list KeyPairs");
            }
            return
            [
                .. pairs
                    .EnumerateArray()
                    .SelectMany(pair =>
                        pair.Text("KeyName") is { } name && Time(pair.Text("CreateTime")) is { } time
                            ? Facts(pair, Entity.KeyPair(account, region, name), time)
                            : []
                    ),
            ];
        }
        catch (JsonException e)
        {
            throw new FormatException($"line {e.LineNumber + 1}: not JSON: {e.Message}", e);
        }
    }

    private static IEnumerable<LearnedFact> Facts(JsonElement described, string pair, DateTimeOffset time)
    {
        yield return new LearnedFact(pair, Entity.Created, described.Text("KeyFingerprint") ?? "", time);
        if (described.Text("KeyPairId") is { } id)
            yield return new LearnedFact(Entity.KeyPairId(id), Entity.Named, pair, time);
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
