using System.Text.Json;
using Detector.Core.Policies;
using Detector.Core.Rules.Fields;

namespace Detector.Tests.Rules.Fields;

public class KnownDocumentsTests
{
    private const string Account = "111122223333";

    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Ask_DocumentThatComesAgain_AnswersAsTheFirstTime()
    {
        var document = Json("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""");

        Assert.Equal(Slowly(document, Noon), Quickly(document, Noon));
        Assert.Equal(Slowly(document, Noon.AddYears(1)), Quickly(document, Noon.AddYears(1)));
    }

    [Fact]
    public void Ask_SameDocumentInAnotherAccount_AnswersForThatAccount()
    {
        var document = Json("""{"Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:user/*"}]}""");

        foreach (var account in (string?[])[Account, "444455556666", null, Account])
            Assert.Equal(Slowly(document, Noon, account), Quickly(document, Noon, account));
    }

    [Fact]
    public void Ask_ConditionNamesADate_AnswersByTheTimeOfEachEvent()
    {
        var document = Json(
            """
            {"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2026-06-01T00:00:00Z"}}}]}
            """
        );

        Assert.NotEqual(Quickly(document, Noon), Quickly(document, Noon.AddYears(1)));
        Assert.Equal(Slowly(document, Noon.AddYears(1)), Quickly(document, Noon.AddYears(1)));
        Assert.Equal(Slowly(document, Noon), Quickly(document, Noon));
    }

    [Fact]
    public void Ask_MoreDocumentsThanAreKept_AnswersEach()
    {
        for (var i = 0; i < 300; i++)
        {
            var document = Json(
                $$"""{"Statement":[{"Effect":"Allow","Action":"{{(i % 2 == 0 ? "*" : "s3:Get*")}}","Resource":"arn:aws:s3:::bucket-{{i}}"}]}"""
            );
            Assert.Equal(Slowly(document, Noon), Quickly(document, Noon));
        }
    }

    private static string Quickly(JsonElement document, DateTimeOffset at, string? account = Account) =>
        Text(KnownDocuments.Ask(document, at, new PolicyHolder(account)));

    private static string Slowly(JsonElement document, DateTimeOffset at, string? account = Account) =>
        Text(PolicyAnswers.Of(PolicyDocument.Read(System.Text.Encoding.UTF8.GetBytes(document.GetRawText())), at, new PolicyHolder(account)));

    private static string Text(PolicyAnswers answers) => System.Text.Encoding.UTF8.GetString(answers.ToJson());

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
