using Detector.Core.Detection.Surveys;

namespace Detector.App.Practices;

/// <summary>What an archive holds and lacks of what practices ask.</summary>
/// <param name="survey">What was counted in it.</param>
/// <param name="seeds">The files given that tell of the time before it.</param>
internal sealed class Holdings(Survey survey, IReadOnlyCollection<Seed> seeds)
{
    // An archive asked for by --from 90d begins with the first event behind that, and that may take a while to come.
    private const double NearlyAll = 0.95;
    private const int Named = 5;

    // People depart from practices now and then. CloudTrail's own event history, and most reviews of access, look back as far.
    private static readonly TimeSpan LeastSilence = TimeSpan.FromDays(90);

    private readonly List<(string Account, IReadOnlyDictionary<string, RecordCounts> Sources)> _accounts =
    [
        .. survey.Accounts.Where(account => account.Length > 0).Order(StringComparer.Ordinal).Select(account => (account, survey.Sources(account))),
    ];

    private readonly Dictionary<string, long> _records = survey
        .Accounts.SelectMany(survey.Sources)
        .GroupBy(source => source.Key, source => source.Value.All, StringComparer.Ordinal)
        .ToDictionary(source => source.Key, source => source.Sum(), StringComparer.Ordinal);

    /// <summary>From the oldest event to the newest.</summary>
    public TimeSpan Span => survey is { First: { } first, Last: { } last } ? last - first : TimeSpan.Zero;

    private long Management => survey.Total.Writes + survey.Total.Reads;

    /// <summary>The records that could show a departure from a practice, in words.</summary>
    public string RestsOn(Practice practice)
    {
        if (practice.Watches.Any(watch => watch.Sources.Count == 0))
            return $"all {Words.Count(survey.Total.All, "record")}";
        var sources = practice.Watches.SelectMany(watch => watch.Sources).Distinct(StringComparer.Ordinal).Where(_records.ContainsKey).ToList();
        return sources.Count == 0
            ? "no record"
            : string.Join(
                " and ",
                sources.Select(source => $"{Words.Count(_records[source], "record")} of {source} from {Words.Count(survey.RegionsOf(source), "region")}")
            );
    }

    /// <summary>Why a watch can find nothing; null if it could.</summary>
    public Gap? Blinds(Practice practice, Watch watch) => Unheard(watch) ?? TooShort(practice, watch);

    /// <summary>What is missing of what a practice asks.</summary>
    public IEnumerable<Gap> Gaps(Practice practice)
    {
        foreach (var watch in practice.Watches)
        {
            if ((Unheard(watch) ?? PartOfAccounts(watch)) is { } gap)
                yield return gap;
        }
        if (practice.Needs.ReadEvents && survey.Total.Reads == 0)
            yield return new Gap(
                "no event that only reads is there",
                "read-only management events in the trail; by EventBridge, a rule in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
            );
        if (practice.Needs.DataEvents && survey.Total.Data == 0)
            yield return new Gap("no data event is there", "data events of S3 in the trail's selectors, at least for the trail's own bucket");
        if (Short(practice.Needs.History > LeastSilence ? practice.Needs.History : LeastSilence) is { } history)
            yield return history;
        if (practice.Seed != Seed.None && !seeds.Contains(practice.Seed))
            yield return new Gap("what was there before the first record is not known", File(practice.Seed));
    }

    private Gap? Unheard(Watch watch) =>
        watch.Sources.Count == 0
            ? Management > 0
                ? null
                : new Gap("no management event is there", "management events in the trail")
            : watch.Sources.Any(_records.ContainsKey)
                ? null
                : new Gap($"no event of {string.Join(" or ", watch.Sources)} is there", Whence(watch.Sources[0]));

    private Gap? TooShort(Practice practice, Watch watch) =>
        Span >= watch.Least || watch.IsSeeded && seeds.Contains(practice.Seed)
            ? null
            : new Gap($"{watch.Detection} takes {Words.Of(watch.Least)}, and the records span {Words.Of(Span)}", $"{Words.Of(watch.Least)} of history");

    private Gap? Short(TimeSpan asked)
    {
        if (Span < asked * NearlyAll)
            return new Gap($"the records span {Words.Of(Span)} of the {Words.Of(asked)} after which silence says something", $"{Words.Of(asked)} of history");
        // Two lone events far apart span much and show nothing.
        return survey.Days < Span.TotalDays / 2
            ? new Gap($"of the {Words.Of(Span)} that the records span, {Words.Of(survey.Days)} have any", $"{Words.Of(asked)} of history without holes")
            : null;
    }

    private Gap? PartOfAccounts(Watch watch)
    {
        if (watch.Sources.Count == 0)
            return null;
        var without = _accounts.Where(account => !watch.Sources.Any(account.Sources.ContainsKey)).Select(account => account.Account).ToList();
        if (without.Count == 0 || without.Count == _accounts.Count)
            return null;
        var named = string.Join(", ", without.Take(Named)) + (without.Count > Named ? ", ..." : "");
        return new Gap(
            $"of {Words.Of(_accounts.Count)} accounts {Words.Of(_accounts.Count - without.Count)} have events of {string.Join(" or ", watch.Sources)}",
            $"the same events of {named}"
        );
    }

    private static string File(Seed seed) =>
        seed == Seed.CredentialReport ? "an IAM credential report (--credential-report)" : "an answer of aws ec2 describe-key-pairs (--key-pairs)";

    private static string Whence(string source) =>
        source switch
        {
            "iam.amazonaws.com" => "events of IAM, which are recorded in us-east-1 alone",
            "signin.amazonaws.com" => "sign-in events, which are recorded in us-east-1 and where people sign in",
            _ => $"events of {source}, of every region in use",
        };
}
