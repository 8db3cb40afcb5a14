using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Detector.Integration.Tests.Slack;

/// <summary>
/// Draws the JSON of a Slack message as a page that looks like the message in Slack: the blocks that this project uses, and of mrkdwn the
/// bold and code that it writes. For the picture in the README, and for people who change the message.
/// </summary>
internal static partial class SlackPreview
{
    public static string Html(ReadOnlySpan<byte> payload, string time)
    {
        using var json = JsonDocument.Parse(payload.ToArray());
        var blocks = new StringBuilder();
        foreach (var block in json.RootElement.GetProperty("blocks").EnumerateArray())
            blocks.Append(Block(block));
        return Page.Replace("{{blocks}}", blocks.ToString(), StringComparison.Ordinal).Replace("{{time}}", Encode(time), StringComparison.Ordinal);
    }

    private static string Block(JsonElement block) =>
        block.GetProperty("type").GetString() switch
        {
            "header" => $"<h1>{Text(block.GetProperty("text"))}</h1>",
            "section" when block.TryGetProperty("fields", out var fields) => $"<div class=fields>{Each(fields)}</div>",
            "section" => $"<p>{Text(block.GetProperty("text"))}</p>",
            "context" => $"<div class=context>{Each(block.GetProperty("elements"))}</div>",
            var other => throw new NotSupportedException($"a block of the kind {other}"),
        };

    private static string Each(JsonElement texts) => string.Concat(texts.EnumerateArray().Select(text => $"<div>{Text(text)}</div>"));

    private static string Text(JsonElement text)
    {
        // The payload's entities are those of HTML, so decoding first and encoding again keeps everything else from being markup here, too.
        var html = Encode(WebUtility.HtmlDecode(text.GetProperty("text").GetString()!));
        if (text.GetProperty("type").ValueEquals("mrkdwn"))
            html = Markup.Replace(html, Draw).Replace("\n", "<br>", StringComparison.Ordinal);
        return Emoji.Aggregate(html, (drawn, one) => drawn.Replace(one.Key, one.Value, StringComparison.Ordinal));
    }

    private static string Encode(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Draw(Match one) => one.Groups["code"].Success ? $"<code>{one.Groups["code"]}</code>" : $"<b>{one.Groups["bold"]}</b>";

    /// <summary>Code is tried first: nothing inside it is markup.</summary>
    [GeneratedRegex(@"`(?<code>[^`\n]+)`|(?<!\w)\*(?<bold>[^*\n]+)\*(?!\w)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Markup { get; }

    /// <summary>Slack draws emoji itself, and so does this page: a machine that runs tests may have no font with them.</summary>
    private static readonly Dictionary<string, string> Emoji = new(StringComparer.Ordinal)
    {
        ["🚨"] = Icon(
            "<path d='M5 16V11a5 5 0 0 1 10 0v5' fill='#e01e3c'/><path d='M3 18.500h14V16H3z' fill='#6b7280'/><path d='M10 1v2.500M3 4l1.800 1.800M17 4l-1.800 1.800' stroke='#e01e3c' stroke-width='1.800'/>"
        ),
        ["🔴"] = Icon("<circle cx='10' cy='10' r='8.500' fill='#dd2e44'/>"),
        ["🟡"] = Icon("<circle cx='10' cy='10' r='8.500' fill='#fdcb58'/>"),
        ["🔵"] = Icon("<circle cx='10' cy='10' r='8.500' fill='#55acee'/>"),
        ["ℹ️"] = Icon("<rect x='1' y='1' width='18' height='18' rx='4' fill='#3b88c3'/><path d='M10 9v6M10 4.500v2' stroke='#fff' stroke-width='2.500'/>"),
        ["👉"] = Icon("<path d='M2 8h6V5h3v3h8v3h-7v5H5l-3-3z' fill='#fdb827'/>"),
        ["⛔"] = Icon("<circle cx='10' cy='10' r='9' fill='#be1931'/><rect x='4' y='8.300' width='12' height='3.400' fill='#fff'/>"),
        ["⏳"] = Icon("<path d='M5 2h10l-4 8 4 8H5l4-8z' fill='#ffac33'/>"),
    };

    private static string Icon(string shapes) => $"<svg class=emoji viewBox='0 0 20 20'>{shapes}</svg>";

    private const string Page = """
        <!doctype html>
        <meta charset="utf-8">
        <title>Slack message</title>
        <style>
          body { margin: 0; padding: 20px 24px; background: #fff; color: #1d1c1d; font: 15px/22px Slack-Lato, Lato, "Liberation Sans", Arial, sans-serif; }
          .message { display: flex; gap: 10px; max-width: 700px; }
          .avatar { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #17324d; }
          .who { font-weight: 900; } .app { font-size: 10px; font-weight: 700; color: #616061; background: #ebeaeb; border-radius: 2px; padding: 1px 3px; vertical-align: 1px; }
          .time { font-size: 12px; color: #616061; }
          h1 { font-size: 18px; line-height: 24px; margin: 4px 0 8px; font-weight: 900; }
          p { margin: 8px 0; overflow-wrap: anywhere; }
          .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 20px; margin: 8px 0; }
          .fields > div, .context > div { min-width: 0; overflow-wrap: anywhere; }
          .context { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; line-height: 20px; color: #616061; margin: 8px 0; }
          code { font: 12px/18px "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; color: #c01343; background: #f8f8f8; border: 1px solid #e2e2e2; border-radius: 3px; padding: 1px 3px; }
          .emoji { width: 1.2em; height: 1.2em; vertical-align: -0.22em; }
        </style>
        <div class="message">
          <svg class="avatar" viewBox="0 0 36 36"><path d="M18 6l10 4v8c0 6-4 10-10 12-6-2-10-6-10-12v-8z" fill="none" stroke="#fff" stroke-width="2.200"/><circle cx="18" cy="17" r="4" fill="#ff9d2e"/></svg>
          <div>
            <div><span class="who">Detector</span> <span class="app">APP</span> <span class="time">{{time}}</span></div>
            {{blocks}}
          </div>
        </div>
        """;
}
