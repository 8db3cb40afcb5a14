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
    /// <param name="dark">Whether it looks as in Slack's dark mode.</param>
    /// <param name="message">A message's JSON, and when it was posted, as Slack writes it.</param>
    /// <param name="replies">Those in its thread.</param>
    public static string Html(bool dark, (string Time, byte[] Json) message, params IReadOnlyList<(string Time, byte[] Json)> replies)
    {
        var thread =
            replies.Count == 0
                ? ""
                : $"<div class=thread><div class=count>{replies.Count} {(replies.Count == 1 ? "reply" : "replies")}</div>{string.Concat(replies.Select(reply => Message(reply.Json, reply.Time)))}</div>";
        return Page.Replace("{{mode}}", dark ? "dark" : "light", StringComparison.Ordinal)
            .Replace("{{messages}}", Message(message.Json, message.Time) + thread, StringComparison.Ordinal);
    }

    private static string Message(byte[] payload, string time)
    {
        using var json = JsonDocument.Parse(payload);
        var blocks = new StringBuilder();
        foreach (var block in json.RootElement.GetProperty("blocks").EnumerateArray())
            blocks.Append(Block(block));
        return One.Replace("{{blocks}}", blocks.ToString(), StringComparison.Ordinal).Replace("{{time}}", Encode(time), StringComparison.Ordinal);
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
            html = Markup.Replace(html, Draw);
        html = html.Replace("\n", "<br>", StringComparison.Ordinal);
        return Emoji.Aggregate(html, (drawn, one) => drawn.Replace(one.Key, one.Value, StringComparison.Ordinal));
    }

    private static string Encode(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Draw(Match one) =>
        one.Groups["link"].Success ? $"<a>{one.Groups["words"]}</a>"
        : one.Groups["code"].Success ? $"<code>{one.Groups["code"]}</code>"
        : $"<b>{one.Groups["bold"]}</b>";

    /// <summary>Code is tried first: nothing inside it is markup.</summary>
    [GeneratedRegex(
        @"&lt;(?<link>https://[^|]+)\|(?<words>[^&]+)&gt;|`(?<code>[^`\n]+)`|(?<!\w)\*(?<bold>[^*\n]+)\*(?!\w)",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
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
        ["🆕"] = Icon(
            "<rect x='1' y='4' width='18' height='12' rx='3' fill='#3b88c3'/><path d='M4 13V7l3 6V7M10 7v6h3M10 10h2.500M10 7h3M14.500 7l.800 6 1-4 1 4 .800-6' stroke='#fff' stroke-width='1.100' fill='none'/>"
        ),
        ["🔁"] = Icon(
            "<rect x='1' y='1' width='18' height='18' rx='4' fill='#3b88c3'/><path d='M5 8a5 4 0 0 1 9-1M15 12a5 4 0 0 1-9 1' stroke='#fff' stroke-width='1.800' fill='none'/><path d='M15 4v4h-4zM5 16v-4h4z' fill='#fff'/>"
        ),
        ["⏳"] = Icon("<path d='M5 2h10l-4 8 4 8H5l4-8z' fill='#ffac33'/>"),
    };

    private static string Icon(string shapes) => $"<svg class=emoji viewBox='0 0 20 20'>{shapes}</svg>";

    private const string One = """
        <div class="message">
          <svg class="avatar" viewBox="0 0 36 36"><path d="M18 6l10 4v8c0 6-4 10-10 12-6-2-10-6-10-12v-8z" fill="none" stroke="#fff" stroke-width="2.200"/><circle cx="18" cy="17" r="4" fill="#ff9d2e"/></svg>
          <div>
            <div><span class="who">Detector</span> <span class="app">APP</span> <span class="time">{{time}}</span></div>
            {{blocks}}
          </div>
        </div>
        """;

    private const string Page = """
        <!doctype html>
        <meta charset="utf-8">
        <title>Slack message</title>
        <style>
          .light { --back: #fff; --text: #1d1c1d; --soft: #616061; --tag: #ebeaeb; --code: #c01343; --codeback: #f8f8f8; --line: #e2e2e2; --link: #1264a3; }
          .dark { --back: #1a1d21; --text: #d1d2d3; --soft: #ababad; --tag: #35373b; --code: #e8912d; --codeback: #232529; --line: #414346; --link: #1d9bd1; }
          body { margin: 0; padding: 20px 24px; background: var(--back); color: var(--text); font: 15px/22px Slack-Lato, Lato, "Liberation Sans", Arial, sans-serif; }
          .message { display: flex; gap: 10px; max-width: 700px; }
          .avatar { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #17324d; border: 1px solid var(--line); }
          .who { font-weight: 900; } .app { font-size: 10px; font-weight: 700; color: var(--soft); background: var(--tag); border-radius: 2px; padding: 1px 3px; vertical-align: 1px; }
          .time { font-size: 12px; color: var(--soft); } a { color: var(--link); }
          h1 { font-size: 18px; line-height: 24px; margin: 4px 0 8px; font-weight: 900; }
          p { margin: 8px 0; overflow-wrap: anywhere; }
          .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 20px; margin: 8px 0; }
          .fields > div, .context > div { min-width: 0; overflow-wrap: anywhere; }
          .context { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; line-height: 20px; color: var(--soft); margin: 8px 0; }
          .thread { margin: 10px 0 0 46px; border-left: 2px solid var(--line); padding-left: 14px; } .thread .message { margin-top: 12px; max-width: 640px; }
          .thread .avatar { width: 24px; height: 24px; } .count { font-size: 13px; font-weight: 700; color: var(--link); }
          code { font: 12px/18px "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; color: var(--code); background: var(--codeback); border: 1px solid var(--line); border-radius: 3px; padding: 1px 3px; }
          .emoji { width: 1.2em; height: 1.2em; vertical-align: -0.22em; }
        </style>
        <body class="{{mode}}">{{messages}}</body>
        """;
}
