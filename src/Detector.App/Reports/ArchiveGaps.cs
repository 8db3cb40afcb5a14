using Detector.Core.Detection.Surveys;

namespace Detector.App.Reports;

/// <summary>What an archive lacks, so that nobody takes its silence for quiet.</summary>
internal static class ArchiveGaps
{
    // Where IAM, root and most sign-in events are recorded.
    private const string Home = "us-east-1";

    /// <summary>Each gap as a sentence.</summary>
    public static IEnumerable<string> Of(Survey survey)
    {
        var total = survey.Total;
        if (survey is { First: { } first, Last: { } last })
        {
            var days = (int)(last.UtcDateTime.Date - first.UtcDateTime.Date).TotalDays + 1;
            if (days > survey.Days)
                yield return $"Of the {Words.Count(days, "day")} from the first record to the last, {days - survey.Days} have no record.";
            yield return $"Nothing before {first.UtcDateTime:yyyy-MM-dd HH:mm} and nothing after {last.UtcDateTime:yyyy-MM-dd HH:mm} UTC.";
        }
        if (!survey.Regions.ContainsKey(Home))
            yield return $"No record of {Home}, where IAM, root and most sign-in events appear.";
        if (survey.Regions.Count(region => region.Key.Length > 0) is var regions and > 0)
            yield return $"Regions other than the {regions} named in the summary.";
        if (total.Reads == 0)
            yield return "No management event that only reads: who looked around is not seen.";
        if (total.Writes == 0)
            yield return "No management event that changes anything.";
        if (total.Data == 0)
            yield return "No data event: who read, wrote or deleted objects in S3, or invoked functions, is not seen.";
        if (total.Others == 0)
            yield return "No Insights or network activity event.";
    }
}
