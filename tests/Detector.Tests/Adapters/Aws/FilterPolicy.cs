using System.Text.Json;
using Detector.Adapters.Aws;

namespace Detector.Tests.Adapters.Aws;

/// <summary>
/// Decides as SNS does whether a subscription gets a message, by its attributes. Shares nothing with the code that makes them.
/// Source: Amazon SNS Developer Guide, "Amazon SNS subscription filter policies": every key must match (AND), one of its conditions suffices (OR), of a
/// <c>String.Array</c> one element suffices, and a key that the message lacks matches nothing but <c>{"exists": false}</c>.
/// </summary>
internal sealed class FilterPolicy(string json)
{
    /// <summary>Whether it lets a message through.</summary>
    public bool Accepts(TopicMessage message)
    {
        using var policy = JsonDocument.Parse(json);
        return Holds(policy.RootElement, message.Attributes.ToDictionary(one => one.Name, Values, StringComparer.Ordinal));
    }

    private static bool Holds(JsonElement policy, Dictionary<string, string[]> attributes) =>
        policy
            .EnumerateObject()
            .All(key =>
                key.Name == "$or"
                    ? key.Value.EnumerateArray().Any(one => Holds(one, attributes))
                    : key.Value.EnumerateArray().Any(condition => Meets(condition, attributes.GetValueOrDefault(key.Name)))
            );

    private static bool Meets(JsonElement condition, string[]? values)
    {
        if (condition.ValueKind == JsonValueKind.String)
            return values?.Contains(condition.GetString(), StringComparer.Ordinal) == true;
        var test = condition.EnumerateObject().Single();
        return test.Name switch
        {
            "exists" => test.Value.GetBoolean() == values is not null,
            "prefix" => values?.Any(value => value.StartsWith(test.Value.GetString()!, StringComparison.Ordinal)) == true,
            "suffix" => values?.Any(value => value.EndsWith(test.Value.GetString()!, StringComparison.Ordinal)) == true,
            "anything-but" => values?.Any(value => !test.Value.EnumerateArray().Any(not => not.ValueEquals(value))) == true,
            _ => throw new NotSupportedException($"this reader does not know {test.Name}"),
        };
    }

    private static string[] Values(TopicAttribute attribute) =>
        attribute.Type switch
        {
            "String" => [attribute.Value],
            "String.Array" => JsonSerializer.Deserialize<string[]>(attribute.Value)!,
            _ => throw new NotSupportedException($"no filter policy reads {attribute.Type}"),
        };
}
