using System.Globalization;
using Detector.Adapters.Reports;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>
/// A digest as a Slack message: how many alerts and how bad, when and where, then every rule with every actor and their counts, then how to list the alerts. Names
/// are as long as there is room for; what is cut ends in <c>…</c>, and none is left out.
/// </summary>
internal static class SlackDigest
{
    /// <summary>How much of a name is shown, tried in turn. A digest has a bounded number of names: with the last they fit, whatever they are.</summary>
    private static readonly int[] NameLengths = [120, 60, 40, 24, 12, 6];

    /// <summary>Up to so many rules have a block each; more share blocks, of which Slack takes 50.</summary>
    private const int MostApart = 20;

    private const int MaxAccounts = 6;
    private const int MaxTold = 5;
    private const int ShortId = 8;

    public static SlackPayload Render(Digest digest)
    {
        var level = digest.Level;
        var header = string.Create(
            CultureInfo.InvariantCulture,
            $"{SlackMessage.Emoji(level)} {digest.Members.Count} alerts together · worst: {SlackMessage.Severity(level)}"
        );
        List<SlackBlock> blocks = [];
        foreach (var name in NameLengths)
        {
            blocks = Blocks(digest, header, name);
            if (blocks.Sum(block => block.Size) <= SlackMessage.MaxSize)
                break;
        }
        return new SlackPayload(Notification(digest, header).ToString(), blocks);
    }

    private static List<SlackBlock> Blocks(Digest digest, string header, int name) =>
        [
            SlackBlock.Header(header),
            SlackBlock.Section(SlackText.Marked(WhenAndWhere(digest))),
            .. Rules(digest, name).Select(text => SlackBlock.Section(SlackText.Marked(text))),
            SlackBlock.Context(SlackText.Marked($"all of them {"detector alerts list --digest " + string.Concat(digest.Id.Value.Take(ShortId))}")),
        ];

    private static Mrkdwn Notification(Digest digest, string header)
    {
        var told = digest.Rules.Take(MaxTold).Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule.Count} × {rule.Rule.Title}"));
        var more = digest.Rules.Count > MaxTold ? string.Create(CultureInfo.InvariantCulture, $" and of {digest.Rules.Count - MaxTold} more rules") : "";
        return $"{new Prose($"{header}: {string.Join(", ", told)}{more}")}";
    }

    private static Mrkdwn WhenAndWhere(Digest digest)
    {
        var accounts = digest.Members.Select(member => member.Alert.Facts.Account).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return $"So many came at once that they are not told one by one.{When(digest)}{Where(accounts)}";
    }

    private static Mrkdwn? When(Digest digest)
    {
        if (digest.Times is not var (first, last))
            return null;
        return $"\n*When*  {first} to {last}";
    }

    private static Mrkdwn? Where(List<string> accounts)
    {
        if (accounts.Count == 0)
            return null;
        return $"\n*Where*  {accounts.Take(MaxAccounts)}{SlackMessage.More(accounts.Count - MaxAccounts)}";
    }

    /// <summary>Each rule on a line and its actors below, in as many texts as it takes.</summary>
    private static List<Mrkdwn> Rules(Digest digest, int name)
    {
        var texts = new List<Mrkdwn>();
        var areSeveral = digest.Members.Select(member => member.Alert.Facts.Account).Distinct(StringComparer.Ordinal).Skip(1).Any();
        foreach (var rule in digest.Rules)
        {
            Add(
                $"{new Prose(SlackMessage.Emoji(rule.Rule.Level))} *{rule.Count} ×* {new Prose(Cut(rule.Rule.Title, name))}",
                "\n",
                apart: digest.Rules.Count <= MostApart
            );
            var between = "\n";
            foreach (var actor in rule.Actors)
            {
                var who = Cut(NameOf(actor, areSeveral), name);
                if (rule.Actors.Count == 1)
                    Add($"{who}", between, apart: false);
                else
                    Add($"*{actor.Alerts.Count}* {who}", between, apart: false);
                between = "  ·  ";
            }
        }
        return texts;

        void Add(Mrkdwn piece, string between, bool apart)
        {
            if (texts.Count == 0 || apart || texts[^1].Length + between.Length + piece.Length >= Mrkdwn.Limit)
                texts.Add(piece);
            else
                texts[^1].Add(between, piece);
        }
    }

    /// <summary>An actor without the beginning of its ARN; without its account, too, if there is only one.</summary>
    private static string NameOf(DigestActor actor, bool areSeveral) =>
        actor.Actor.Length == 0 ? "nobody named"
        : ActorName.Of(actor.Actor) is not { } known ? actor.Actor
        : areSeveral ? $"{known.Account}:{known.Name}"
        : known.Name;

    private static string Cut(string text, int length) => PlainText.Clean(text, length);
}
