using System.IO.Enumeration;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Options;

/// <param name="To">Where an alert goes that no route takes.</param>
/// <param name="Minimum">The least severe of these.</param>
/// <param name="Bot">As whom to post to channels; null if only webhooks are used.</param>
/// <param name="Routes">Where others go.</param>
internal sealed record SlackOptions(SlackPlace To, Level Minimum, SlackBot? Bot, IReadOnlyList<SlackRoute> Routes)
{
    /// <summary>The secrets among them.</summary>
    public IEnumerable<Secret?> Secrets => [To.Webhook, Bot?.Token, .. Routes.Select(route => route.To.Webhook)];
}

/// <param name="Token">The bot's token.</param>
/// <param name="Api">Where Slack's Web API is; null for Slack's own.</param>
/// <param name="Incident">How far apart alerts of one incident may be.</param>
internal sealed record SlackBot(Secret Token, Uri? Api, TimeSpan Incident);

/// <summary>A channel, or a webhook; one of the two is there.</summary>
/// <param name="Name">Tells it from others, in the log and in the ledger.</param>
/// <param name="Channel">Its id or name, for the bot; null for a webhook.</param>
/// <param name="Webhook">Its URL; null for a channel.</param>
internal sealed record SlackPlace(string Name, string? Channel, Secret? Webhook);

/// <summary>Alerts that go to a place of their own: those that meet each of its tests. Of several values of one test one suffices.</summary>
internal sealed record SlackRoute(SlackPlace To, Level Minimum, IReadOnlyList<string> Accounts, IReadOnlyList<string> Tags, IReadOnlyList<string> Rules)
{
    public bool Takes(Alert alert) =>
        alert.Rule.Level >= Minimum && Any(Accounts, [alert.Facts.Account ?? ""]) && Any(Tags, alert.Rule.Tags) && Any(Rules, [alert.Rule.Name, alert.Rule.Id]);

    /// <summary>Whether a test's pattern means a value.</summary>
    public static bool Meets(string pattern, string value) => FileSystemName.MatchesSimpleExpression(pattern, value, ignoreCase: true);

    private static bool Any(IReadOnlyList<string> patterns, IReadOnlyList<string> values) =>
        patterns.Count == 0 || patterns.Any(pattern => values.Any(value => Meets(pattern, value)));
}

/// <summary>A route as it is written: <c>to=C0PAYMENTS account=111122223333 level=high</c>.</summary>
/// <param name="To">A channel; null if it is a webhook.</param>
/// <param name="WebhookFile">The file that holds the webhook; null if it is a channel.</param>
/// <param name="Tests">The rest.</param>
internal sealed record SlackRouteText(string? To, string? WebhookFile, ILookup<string, string> Tests)
{
    public const string Words = "list of to=CHANNEL or webhookFile=FILE, then level=, account=, tag=, rule=";
    private static readonly string[] Known = ["to", "webhookFile", "level", "account", "tag", "rule"];

    public static Parsed<SlackRouteText> Read(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(word => word.Split('=', 2)).ToList();
        foreach (var word in words)
        {
            if (word is not [var name, { Length: > 0 }])
                return new Problem($"has a word without = and a value: {Settings.Quote(word[0])}");
            if (!Known.Contains(name, StringComparer.Ordinal))
                return new Problem($"has an unknown test {Settings.Quote(name)}: there are {string.Join(", ", Known)}");
        }
        var tests = words.ToLookup(word => word[0], word => word[1], StringComparer.Ordinal);
        if (tests["to"].Count() + tests["webhookFile"].Count() != 1)
            return new Problem("needs one to=CHANNEL or one webhookFile=FILE");
        if (tests["level"].Count() > 1 || tests["level"].Any(level => ValueForms.OneOf<Level>().Read(level).Problem is not null))
            return new Problem("has a level that is none of informational, low, medium, high or critical, or several");
        if (tests["account"].Any(account => account.Length != 12 || !account.All(char.IsAsciiDigit)))
            return new Problem("has an account that is none of 12 digits");
        return tests["to"].Select(ValueForms.SlackChannel.Read).FirstOrDefault(channel => channel.Problem is not null).Problem is { } problem
            ? new Problem($"has a channel that {problem}")
            : new SlackRouteText(tests["to"].FirstOrDefault(), tests["webhookFile"].FirstOrDefault(), tests);
    }
}
