using Detector.Core.Detection.History;

namespace Detector.Tests.Detection.History;

/// <summary>What is known from reports of AWS instead of from the trail.</summary>
public sealed class SeedTests
{
    private const string Header =
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n";

    [Fact]
    public void CredentialReport_OfUsers_TellsPasswordsMfaAndKeys()
    {
        var facts = CredentialReport.Read(
            Header
                + "<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,false,N/A,N/A\n"
                + "Ann,arn:aws:iam::111122223333:user/team/Ann,2024-01-01T00:00:00+00:00,true,N/A,2024-02-01T00:00:00+00:00,N/A,false,true,2024-03-01T00:00:00+00:00,2024-04-01T00:00:00+00:00,false,N/A,N/A\r\n"
                + "bob,arn:aws:iam::111122223333:user/bob,2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,true,false,N/A,N/A,true,2025-03-01T00:00:00+00:00,N/A\n"
        );

        Assert.Equal(
            [
                "user 111122223333 ann created 2024-01-01",
                "user 111122223333 ann password 2024-02-01",
                "user 111122223333 ann key:credential report 1 2024-03-01",
                "user 111122223333 ann seen 2024-04-01",
                "user 111122223333 bob created 2024-01-01",
                "user 111122223333 bob mfa:credential report 2024-01-01",
                "user 111122223333 bob key:credential report 2 2025-03-01",
            ],
            facts.Select(fact => $"{fact.Entity} {fact.Name} {fact.Time:yyyy-MM-dd}")
        );
    }

    [Theory]
    [InlineData("a,b\n", "line 1")]
    [InlineData(Header + "x,no arn,2024-01-01T00:00:00+00:00,false\n", "line 2")]
    [InlineData(Header + "x,arn:aws:iam::1:user/x,never,false\n", "line 2")]
    public void CredentialReport_OfAnythingElse_TellsTheLine(string text, string place) =>
        Assert.Contains(place, Assert.Throws<FormatException>(() => CredentialReport.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void DescribedKeyPairs_OfARegion_TellsTheirAge()
    {
        var facts = DescribedKeyPairs.Read(
            """{"KeyPairs":[{"KeyName":"deploy","KeyFingerprint":"aa:bb","CreateTime":"2024-05-01T10:00:00+00:00"},{"KeyName":"old"},7]}""",
            "111122223333",
            "eu-west-1"
        );

        Assert.Equal(
            [new LearnedFact("keypair 111122223333 eu-west-1 deploy", "created", "aa:bb", new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero))],
            facts
        );
    }

    [Fact]
    public void DescribedKeyPairs_WithAnId_TellsWhoseItIs()
    {
        var facts = DescribedKeyPairs.Read(
            """{"KeyPairs":[{"KeyPairId":"key-0a1","KeyName":"deploy","CreateTime":"2024-05-01T10:00:00+00:00"}]}""",
            "111122223333",
            "eu-west-1"
        );

        Assert.Contains(
            new LearnedFact("keypairid key-0a1", "named", "keypair 111122223333 eu-west-1 deploy", new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero)),
            facts
        );
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"KeyPairs":{}}""")]
    public void DescribedKeyPairs_OfAnythingElse_IsAnError(string text) =>
        Assert.Throws<FormatException>(() => DescribedKeyPairs.Read(text, "111122223333", "eu-west-1"));
}
