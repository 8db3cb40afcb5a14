using Detector.Core.Detection.Surveys;
using Detector.Core.Rules.Wanting;

namespace Detector.App.Infra;

/// <summary>How much passes the patterns in a month, by what an archive held.</summary>
/// <param name="Days">What the archive spans.</param>
/// <param name="Records">All that it holds.</param>
/// <param name="Passing">Those that pass.</param>
/// <param name="Messages">What comes of them: each rule of EventBridge sends what its own pattern lets pass.</param>
/// <param name="By">How many of them each part asks for; a record may be asked for by several.</param>
internal sealed record PassingEstimate(double Days, long Records, long Passing, long Messages, IReadOnlyList<(Wanted Wanted, long Passing)> By)
{
    /// <summary>US dollars for a million requests to a standard queue in us-east-1; the first million of a month is free, and not counted as such.</summary>
    public const decimal QueueMillion = 0.40m;

    /// <summary>US dollars for a million events that a rule forwards to a bus of another region or account.</summary>
    public const decimal ForwardMillion = 1.00m;

    /// <summary>A message is sent, received and deleted; receives and deletes take up to ten at once, which is not counted on.</summary>
    public const int RequestsAMessage = 3;

    /// <summary>Receives of a month that find nothing: one every five seconds (queue.wait).</summary>
    public const int IdleReceives = 525_960;

    private const double DaysOfMonth = 30.4375;

    /// <summary>What is to be counted in an archive.</summary>
    public static Survey Survey(PatternPlan plan) =>
        new([.. plan.Wanted.Select(wanted => wanted.AsCondition()), .. plan.Patterns.Select(pattern => pattern.AsCondition())]);

    /// <summary>Of what was counted so.</summary>
    public static PassingEstimate Of(Survey survey, PatternPlan plan) =>
        new(
            // Half a day is taken for a whole one: what lies around it is not known.
            Math.Max(1, survey is { First: { } first, Last: { } last } ? (last - first).TotalDays : 0),
            survey.Total.All,
            survey.MetAny,
            survey.Met.Skip(plan.Wanted.Count).Sum(),
            [.. plan.Wanted.Zip(survey.Met).OrderByDescending(part => part.Second)]
        );

    /// <summary>Events that pass in a month.</summary>
    public long PerMonth => Monthly(Passing);

    /// <summary>Messages that come of them.</summary>
    public long MessagesPerMonth => Monthly(Messages);

    /// <summary>What these cost on the queue, idle receives included, in US dollars.</summary>
    public decimal QueueCost => Dollars((MessagesPerMonth * RequestsAMessage + IdleReceives) * QueueMillion);

    /// <summary>What it would cost besides if all of them came from other regions or accounts, in US dollars.</summary>
    public decimal ForwardCost => Dollars(MessagesPerMonth * ForwardMillion);

    /// <summary>So many of the archive are so many in a month.</summary>
    public long Monthly(long records) => (long)Math.Round(records / Days * DaysOfMonth);

    private static decimal Dollars(decimal millionths) => Math.Round(millionths / 1_000_000, 2);
}
