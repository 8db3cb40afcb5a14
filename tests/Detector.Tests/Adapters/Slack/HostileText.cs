using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests.Adapters.Slack;

/// <summary>Text as an attacker would choose it for a name: pieces of markup, mentions, escapes and anything at all, in any order.</summary>
internal sealed record HostileText(string Value)
{
    private static readonly string[] Pieces =
    [
        "<!channel>",
        "<!here|x>",
        "@here",
        "@channel",
        "<@U012345>",
        "<#C012345>",
        "<https://evil.example|click>",
        "https://evil.example/a?b=c&d",
        "mailto:x@evil.example",
        "*bold*",
        "_it_",
        "~no~",
        "`",
        "``",
        "```",
        ":smile:",
        ":",
        "*",
        "_",
        "~",
        "&",
        "&lt;!channel&gt;",
        "&amp;",
        "<",
        ">",
        "\n> quoted",
        "\n• item",
        "\r\n",
        "\t",
        " ",
        "\0",
        "\u001b[31m",
        "\u001b]8;;https://evil.example\u0007",
        "\u009b2J",
        "\u007f",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u2028",
        "\ufeff",
        "\U000e0041",
        "\ud800",
        "\udc00",
        "😀",
        "…",
        "\\",
        "\"",
        "arn:aws:iam::111122223333:user/alice",
    ];

    public static Arbitrary<HostileText> Arbitrary()
    {
        var piece = Gen.OneOf(Gen.Elements(Pieces), ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""));
        return piece.ListOf().Select(pieces => new HostileText(string.Concat(pieces))).ToArbitrary();
    }
}
