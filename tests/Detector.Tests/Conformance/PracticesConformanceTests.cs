using System.Text.Json;
using Detector.App;
using Detector.Tests.App.Commands;

namespace Detector.Tests.Conformance;

/// <summary>The scorecard of the shared trails: an hour of attack drills in one account and region.</summary>
public sealed class PracticesConformanceTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Practices_Drills_AreJudgedAsAPersonWould()
    {
        var code = await _shell.RunAsync("practices", Places.Shared("corpora/trails/invictus"), "--rules", Places.Rules, "--output", "json");

        Assert.Equal(ExitCode.Done, code);
        var card = JsonDocument.Parse(_shell.Out).RootElement;
        var verdicts = card.GetProperty("practices")
            .EnumerateArray()
            .ToDictionary(
                row => row.GetProperty("practice").GetString()!,
                row => $"{row.GetProperty("verdict").GetString()} {row.GetProperty("sureness").GetString()}",
                StringComparer.Ordinal
            );
        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                // Nobody used root, but an hour says little of that.
                ["no-root"] = "nothingSeen unsure",
                // AdministratorAccess to a role and to a user.
                ["least-privilege"] = "violated certain",
                ["privileged-with-condition"] = "suspected likely",
                ["groups-not-users"] = "violated certain",
                // A sign-in by password alone; keys made with a key; a password set for another.
                ["mfa-everyone"] = "violated certain",
                ["keys-with-mfa"] = "violated certain",
                ["password-policy"] = "nothingSeen unsure",
                ["individual-users"] = "suspected likely",
                ["rotate-keys"] = "nothingSeen unsure",
                // A role opened to a foreign account.
                ["third-parties"] = "violated certain",
                ["role-each"] = "nothingSeen unsure",
                // Instances that were asked for and refused.
                ["roles-for-instances"] = "attempted certain",
                ["key-pair-origin"] = "nothingSeen unsure",
                // Ages of a year and of thirty days cannot show within an hour.
                ["rotate-key-pairs"] = "cannotTell unknown",
                // Port 22 opened to 0.0.0.0/0.
                ["ssh-closed"] = "violated certain",
                // Windows passwords asked for and refused, which is only near to it.
                ["ssh-with-mfa"] = "attempted likely",
                ["no-hijack"] = "nothingSeen unsure",
                // Trails stopped, narrowed and deleted.
                ["audit-trail"] = "violated certain",
            },
            verdicts
        );
        var archive = card.GetProperty("archive");
        Assert.Equal(2900, archive.GetProperty("records").GetProperty("all").GetInt32());
        Assert.Equal(0, archive.GetProperty("records").GetProperty("data").GetInt32());
        Assert.Single(archive.GetProperty("accounts").EnumerateArray());
    }
}
