using Detector.Adapters.Aws;

namespace Detector.Tests.Hostile;

/// <summary>That the readers see what they are there for: a fuzz whose readers see nothing finds nothing.</summary>
public sealed class ReaderTests
{
    [Theory]
    [InlineData("a\u001b[2Jb")]
    [InlineData("a\u009bb")]
    [InlineData("a\rb")]
    [InlineData("a\u202eb")]
    [InlineData("a\u200bb")]
    [InlineData("a\u2028b")]
    public void Terminal_WhatSteersIt_IsSeen(string text) => Assert.NotEmpty(Reader.Terminal(text));

    [Theory]
    [InlineData("see http://evil.example", true)]
    [InlineData("www.evil", true)]
    [InlineData("ann@evil.example", true)]
    [InlineData("mailto:x", true)]
    [InlineData("evil.example/iam.amazonaws.com", true)]
    [InlineData("iam.amazonaws.com.evil.example", true)]
    [InlineData("http[:]//evil[.]example", false)]
    [InlineData("iam.amazonaws.com, aws-cli/2.17.4, a.json.gz", false)]
    public void Mail_WhatBecomesALink_IsSeen(string text, bool seen) => Assert.Equal(seen, Reader.Mail(text).Any());

    [Theory]
    [InlineData("{\"a\":\"b\n\"}")]
    [InlineData("{\"a\":\"é\"}")]
    [InlineData("{\"a\":\"b\"\"}")]
    public void JsonLine_Broken_IsSeen(string line) => Assert.NotEmpty(Reader.JsonLine(line));

    [Theory]
    [InlineData("a,=1", true)]
    [InlineData("a,\"\t@x\"", true)]
    [InlineData("a,b;=1", true)]
    [InlineData("a,\"b;\"\"=1\"", true)]
    [InlineData("a,b,c", true)]
    [InlineData("a,\"b\"c\",d", true)]
    [InlineData("a,\"'=1, b;'=1\"", false)]
    public void Csv_FormulaOrCellTooMany_IsSeen(string line, bool seen) => Assert.Equal(seen, Reader.Csv(line + "\r\n", columns: 2).Any());

    [Theory]
    [InlineData("Bgn7 x", true)]
    [InlineData("Bgn7 x Bgn7 y End7", true)]
    [InlineData("Bgn7 x…", false)]
    [InlineData("Bgn7 x End7 y", false)]
    public void Cuts_WithoutMark_IsSeen(string text, bool seen) => Assert.Equal(seen, Reader.Cuts(text).Any());

    [Theory]
    [InlineData("""{"type":"mrkdwn","text":"<!channel>","verbatim":true}""")]
    [InlineData("""{"type":"mrkdwn","text":"&nbsp;","verbatim":true}""")]
    [InlineData("""{"type":"mrkdwn","text":"*x*","verbatim":true}""")]
    [InlineData("""{"type":"mrkdwn","text":"evil.example"}""")]
    [InlineData("""{"type":"mrkdwn","text":"@here","verbatim":true}""")]
    [InlineData("""{"type":"plain_text","text":"x"}""")]
    [InlineData("""{"type":"plain_text","text":"<@U1>","emoji":false}""")]
    [InlineData("""{"type":"plain_text","text":"a\u202eb","emoji":false}""")]
    public void Slack_WhatMeansSomething_IsSeen(string text)
    {
        var body = $$"""{"text":"x","parse":"none","blocks":[{"type":"section","text":{{text}}}]}""";

        Assert.NotEmpty(SlackReader.Violations(body));
    }

    [Theory]
    [InlineData("<p class=\"a\">x</p>", false)]
    [InlineData("<p class=\"a\">x</p><img src=x>", true)]
    [InlineData("<p class=\"a\" onclick=\"x\">x</p>", true)]
    [InlineData("<p class=\"b\">x</p>", true)]
    [InlineData("<p class=\"a\">x\u202e</p>", true)]
    public void Page_ElementOfNoTemplate_IsSeen(string page, bool seen) =>
        Assert.Equal(seen, new PageReader("<p class=\"a\">harmless</p>").Violations(page).Any());

    [Theory]
    [InlineData("subject\n", "sms", "[\"a\"]")]
    [InlineData(
        "subject",
        "a very long text message of more than one hundred and forty characters, which is more than goes into one text message and is billed as two of them",
        "[\"a\"]"
    )]
    [InlineData("subject", "é", "[\"a\"]")]
    [InlineData("subject", "sms", "")]
    public void Sns_WhatItRefuses_IsSeen(string subject, string sms, string tags)
    {
        var bodies = $$$"""{"default":"d","email":"e","sms":"{{{sms}}}","https":"{}"}""";

        Assert.NotEmpty(SnsReader.Violations(new TopicMessage("arn", subject, bodies, [new TopicAttribute("tags", "String.Array", tags)]), "id"));
    }
}
