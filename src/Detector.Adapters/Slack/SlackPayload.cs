using System.Text.Json;
using System.Text.Json.Serialization;
using Detector.Adapters.Reports;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>The body of a post to an incoming webhook, or of a call to <c>chat.postMessage</c> or <c>chat.update</c>, as far as this program uses it.</summary>
/// <param name="Text">What notifications show, and what a receiver without blocks shows.</param>
/// <param name="Blocks">What people see.</param>
internal sealed record SlackPayload(string Text, IReadOnlyList<SlackBlock> Blocks)
{
    /// <summary>Where to; a webhook knows by itself.</summary>
    public string? Channel { get; init; }

    /// <summary>The message to whose thread this one belongs; null if to none.</summary>
    public string? ThreadTs { get; init; }

    /// <summary>The message that this one takes the place of; null for a new one.</summary>
    public string? Ts { get; init; }

    /// <summary>What machines that read the channel find beside the text.</summary>
    public SlackMetadata? Metadata { get; init; }

    /// <summary><c>none</c>: Slack does not look for names, channels and links in <see cref="Text"/>.</summary>
    public string Parse { get; } = "none";

    /// <summary>False: Slack fetches no preview of an address in the message.</summary>
    public bool UnfurlLinks { get; }

    /// <summary>False: nor a picture or film.</summary>
    public bool UnfurlMedia { get; }

    /// <summary>How much of Slack's limit for a whole message its blocks take, in characters and a little for what surrounds each text.</summary>
    [JsonIgnore]
    public int Size => Blocks.Sum(block => block.Size);

    /// <summary>The same without blocks, for a Slack that does not take them.</summary>
    [JsonIgnore]
    public SlackPayload TextAlone => this with { Blocks = [], Metadata = null };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SlackJsonContext.Default.SlackPayload);
}

/// <summary>Data for machines beside a message. Source: Slack's guide "Message metadata".</summary>
/// <param name="EventType">What it is about.</param>
/// <param name="EventPayload">Which.</param>
internal sealed record SlackMetadata(string EventType, SlackNames EventPayload)
{
    /// <summary>Names an alert.</summary>
    public static SlackMetadata Of(AlertId alert) => new("detector_alert", new SlackNames(AlertId: alert.Value));

    /// <summary>Names a digest.</summary>
    public static SlackMetadata OfDigest(AlertId digest) => new("detector_digest", new SlackNames(DigestId: digest.Value));
}

/// <summary>Names what a message is about.</summary>
/// <param name="AlertId">The identity of its alert.</param>
/// <param name="DigestId">The identity of its digest.</param>
internal sealed record SlackNames(string? AlertId = null, string? DigestId = null);

/// <summary>One of Slack's blocks. Source: Slack's reference "Block Kit", with the limits that its factories keep.</summary>
internal sealed record SlackBlock(string Type, SlackText? Text = null, IReadOnlyList<SlackText>? Fields = null, IReadOnlyList<SlackText>? Elements = null)
{
    /// <summary>What JSON adds to each text, with a margin.</summary>
    private const int Around = 60;
    private const int HeaderLimit = 150;
    private const int ItemsLimit = 10;

    /// <summary>See <see cref="SlackPayload.Size"/>.</summary>
    [JsonIgnore]
    public int Size => Around + (Text?.Size ?? 0) + (Fields?.Sum(text => text.Size) ?? 0) + (Elements?.Sum(text => text.Size) ?? 0);

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
    [JsonIgnore]
    public int Size => Text.Length + 60;

    /// <summary>Lines that Slack shows as they are, each of at most <paramref name="limit"/> characters.</summary>
    public static SlackText Lines(IEnumerable<string> lines, int limit) =>
        new("plain_text", string.Join('\n', lines.Select(line => Plain(line, limit).Text)), Emoji: false);

    /// <summary>Text that Slack shows as it is: one line of at most <paramref name="limit"/> characters.</summary>
    public static SlackText Plain(string text, int limit) => new("plain_text", SlackEscape.Entities(PlainText.Clean(text, limit), limit), Emoji: false);

    /// <summary>Text with markup of our own.</summary>
    public static SlackText Marked(Mrkdwn text) => new("mrkdwn", text.ToString(), Verbatim: true);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SlackPayload))]
[JsonSerializable(typeof(IncidentNote))]
internal sealed partial class SlackJsonContext : JsonSerializerContext;
