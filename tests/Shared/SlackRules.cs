using System.Text.Json;

namespace Detector.Testing;

/// <summary>
/// What Slack refuses in the body of a post, with its word for it. Source: Slack's reference, "Block Kit" (blocks, text object). Stricter than
/// Slack in one thing: kinds of blocks and members that this project does not use are refused, so that none slips in without its rules.
/// </summary>
internal static class SlackRules
{
    private const int MaxBlocks = 50;
    private const int MaxItems = 10;
    private const int MaxHeader = 150;
    private const int MaxText = 3000;
    private const int MaxField = 2000;
    private const int MaxFallback = 4000;

    // Not documented; what people ran into: see slackapi/bolt-js issue 2509.
    private const int MaxMessage = 13_000;

    /// <summary>Slack's word for what is wrong with a body, or null.</summary>
    public static string? Objection(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return OfMessage(json.RootElement);
        }
        catch (JsonException)
        {
            return "invalid_payload";
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException)
        {
            // A member that must be there is missing, or is of another type.
            return "invalid_blocks";
        }
    }

    private static string? OfMessage(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
            return "invalid_payload";
        if (message.TryGetProperty("text", out var text) && (text.ValueKind != JsonValueKind.String || text.GetString()!.Length > MaxFallback))
            return "msg_too_long";
        if (!message.TryGetProperty("blocks", out var blocks))
            return text.ValueKind == JsonValueKind.String ? null : "no_text";
        if (Characters(blocks) > MaxMessage)
            return "msg_blocks_too_long";
        return blocks.ValueKind == JsonValueKind.Array && blocks.GetArrayLength() <= MaxBlocks && blocks.EnumerateArray().All(IsBlock)
            ? null
            : "invalid_blocks";
    }

    /// <summary>Texts, and a little for the JSON around each.</summary>
    private static int Characters(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Sum(member => 10 + Characters(member.Value)),
            JsonValueKind.Array => element.EnumerateArray().Sum(Characters),
            JsonValueKind.String => element.GetString()!.Length,
            _ => 5,
        };

    private static bool IsBlock(JsonElement block) =>
        block.GetProperty("type").GetString() switch
        {
            "header" => Has(block, "text") && IsText(block.GetProperty("text"), MaxHeader, mrkdwn: false),
            "section" when block.TryGetProperty("fields", out var fields) => Has(block, "fields") && AreTexts(fields, MaxField),
            "section" => Has(block, "text") && IsText(block.GetProperty("text"), MaxText),
            "context" => Has(block, "elements") && AreTexts(block.GetProperty("elements"), MaxText),
            _ => false,
        };

    private static bool Has(JsonElement block, string member) =>
        block.EnumerateObject().Select(one => one.Name).Order(StringComparer.Ordinal).SequenceEqual(new[] { "type", member }.Order(StringComparer.Ordinal));

    private static bool AreTexts(JsonElement texts, int limit) =>
        texts.ValueKind == JsonValueKind.Array && texts.GetArrayLength() is > 0 and <= MaxItems && texts.EnumerateArray().All(text => IsText(text, limit));

    private static bool IsText(JsonElement text, int limit, bool mrkdwn = true)
    {
        var allowed = text.GetProperty("type").GetString() switch
        {
            "plain_text" => "emoji",
            "mrkdwn" when mrkdwn => "verbatim",
            _ => null,
        };
        return allowed is not null
            && text.GetProperty("text").GetString() is { Length: > 0 } words
            && words.Length <= limit
            && text.EnumerateObject().All(member => member.Name is "type" or "text" || IsFlag(member, allowed));
    }

    private static bool IsFlag(JsonProperty member, string name) =>
        member.NameEquals(name) && member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False;
}
