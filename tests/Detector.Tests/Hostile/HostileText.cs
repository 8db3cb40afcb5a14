using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests.Hostile;

/// <summary>Text as an attacker would choose it for a name: pieces of markup, mentions, escapes and anything at all, in any order.</summary>
internal sealed record HostileText(string Value)
{
    /// <summary>Stand around some texts, so that whoever reads a sink's output sees whether a text came out whole.</summary>
    public const string Begin = "Bgn7";

    /// <inheritdoc cref="Begin"/>
    public const string End = "End7";

    // None of them is a sink's own mark of a cut, for then a missing one would not be missed.
    private static readonly string[] Pieces =
    [
        // Slack
        "<!channel>",
        "<!here|x>",
        "@here",
        "@channel",
        "<@U012345>",
        "<#C012345>",
        "<https://evil.example|click>",
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
        "\n> quoted",
        "\n• item",
        // links
        "https://evil.example/a?b=c&d",
        "HTTPS://EVIL.EXAMPLE",
        "http:\u200b//evil.example",
        "javascript:alert(1)",
        "www.evil.example",
        "evil.example/reset",
        "ann@evil.example",
        "mailto:x@evil.example",
        "tel:+4912345",
        // markup
        "&",
        "&lt;!channel&gt;",
        "&amp;",
        "<",
        ">",
        "<b>",
        "</td></tr></table>",
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "' autofocus onfocus='alert(1)",
        "<!--",
        "-->",
        "]]>",
        // terminals, reading direction, what is not seen
        "\r\n",
        "\t",
        " ",
        "\0",
        "\b\b\b",
        "\u001b[31m",
        "\u001b]8;;https://evil.example\u0007",
        "\u001b]52;c;ZXZpbA==\u001b\\",
        "\u009b2J",
        "\u0085",
        "\u007f",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\u2028",
        "\ufeff",
        "\ufffe",
        "\U000e0041",
        "\ud800",
        "\udc00",
        "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a",
        // spreadsheets, JSON, CSV
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        ";=1",
        ";\"=1",
        ",=1",
        "＝1",
        "\",\"",
        "\\",
        "\"",
        "'",
        ";",
        ",",
        "}",
        "]",
        "{\"a\":1}",
        "\\u0000",
        "\\ud800",
        // what is only large, or in another script
        "漢字",
        "😀",
        "שלום",
        "arn:aws:iam::111122223333:user/alice",
    ];

    public static Arbitrary<HostileText> Arbitrary()
    {
        var piece = Gen.OneOf(Gen.Elements(Pieces), ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""));
        return piece.ListOf().Select(pieces => new HostileText(string.Concat(pieces))).ToArbitrary();
    }

    /// <summary>A text of some pieces; now and then a very long one, or one about as long as a limit.</summary>
    public static string Any(Random random)
    {
        var pieces = Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(8) == 0 ? Chance(random) : Piece(random));
        var text = string.Concat(pieces);
        text = random.Next(12) switch
        {
            0 => Repeated(text + Piece(random), Limits[random.Next(Limits.Length)] + random.Next(-3, 4)),
            1 => Repeated(Piece(random), 5_000),
            _ => text,
        };
        return random.Next(2) == 0 ? text : Begin + text + End;
    }

    private static readonly int[] Limits = [64, 99, 128, 140, 150, 200, 255, 300, 600, 1024, 2000, 3000];

    private static string Piece(Random random) => Pieces[random.Next(Pieces.Length)];

    private static string Repeated(string unit, int length) => string.Concat(Enumerable.Repeat(unit, 1 + length / unit.Length))[..length];

    private static string Chance(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => (char)random.Next(0x10000)));
}
