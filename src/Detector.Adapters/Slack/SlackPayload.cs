using System.Text.Json;
using System.Text.Json.Serialization;
using Detector.Adapters.Reports;

namespace Detector.Adapters.Slack;

/// <summary>The body of a post to an incoming webhook, as far as this program uses it.</summary>
/// <param name="Text">What notifications show, and what a receiver without blocks shows.</param>
/// <param name="Blocks">What people see.</param>
internal sealed record SlackPayload(string Text, IReadOnlyList<SlackBlock> Blocks)
{
    /// <summary><c>none</c>: Slack does not look for names, channels and links in <see cref="Text"/>.</summary>
    public string Parse { get; } = "none";

    /// <summary>False: Slack fetches no preview of an address in the message.</summary>
    public bool UnfurlLinks { get; }

    /// <summary>False: nor a picture or film.</summary>
    public bool UnfurlMedia { get; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SlackJsonContext.Default.SlackPayload);
}

/// <summary>One of Slack's blocks. Source: Slack's reference "Block Kit", with the limits that its factories keep.</summary>
internal sealed record SlackBlock(string Type, SlackText? Text = null, IReadOnlyList<SlackText>? Fields = null, IReadOnlyList<SlackText>? Elements = null)
{
    private const int HeaderLimit = 150;
    private const int ItemsLimit = 10;

    /// <summary>Large and bold.</summary>
    public static SlackBlock Header(string text) => new("header", SlackText.Plain(text, HeaderLimit));

    public static SlackBlock Section(SlackText text) => new("section", text);

    /// <summary>Two columns on a wide screen, one on a narrow one.</summary>
    public static SlackBlock Columns(IEnumerable<SlackText> fields) => new("section", Fields: [.. fields.Take(ItemsLimit)]);

    /// <summary>Small and grey.</summary>
    public static SlackBlock Context(params IEnumerable<SlackText> elements) => new("context", Elements: [.. elements.Take(ItemsLimit)]);
}

/// <summary>Text in one of Slack's two kinds: <c>plain_text</c>, shown as it is, or <c>mrkdwn</c>, which Slack interprets.</summary>
/// <param name="Type"><c>plain_text</c> or <c>mrkdwn</c>.</param>
/// <param name="Text">With <c>&amp; &lt; &gt;</c> as entities, which Slack shows as the characters in both kinds.</param>
/// <param name="Emoji">Plain text: false, so that <c>:name:</c> stays what it is.</param>
/// <param name="Verbatim">Mrkdwn: true, so that addresses, names and channels do not become links.</param>
internal sealed record SlackText(string Type, string Text, bool? Emoji = null, bool? Verbatim = null)
{
    /// <summary>Text that Slack shows as it is: one line of at most <paramref name="limit"/> characters.</summary>
    public static SlackText Plain(string text, int limit) => new("plain_text", SlackEscape.Entities(PlainText.Clean(text, limit), limit), Emoji: false);

    /// <summary>Text with markup of our own.</summary>
    public static SlackText Marked(Mrkdwn text) => new("mrkdwn", text.ToString(), Verbatim: true);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SlackPayload))]
internal sealed partial class SlackJsonContext : JsonSerializerContext;
