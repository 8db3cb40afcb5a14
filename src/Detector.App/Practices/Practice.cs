namespace Detector.App.Practices;

/// <summary>A practice that an account should keep to, and how far CloudTrail tells whether it does.</summary>
/// <param name="Slug">Names it on command lines and in JSON.</param>
/// <param name="Title">What to do, in one line.</param>
/// <param name="Detections">Rules that carry one of these as tag <c>detector.SLUG</c> watch it. None: only the proxies of <see cref="Proxy"/> do.</param>
/// <param name="Unseen">What CloudTrail never shows of it; empty if it shows all that matters.</param>
/// <param name="Proxy">What comes nearest to that in the trail; empty if nothing does.</param>
/// <param name="Needs">What the trail must hold for the detections to see anything.</param>
internal sealed record Practice(string Slug, string Title, IReadOnlyList<string> Detections, string Unseen, string Proxy, TrailNeeds Needs);

/// <summary>What a trail must hold besides the management events that write.</summary>
/// <param name="ReadEvents">Management events that only read. EventBridge passes them on in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS only.</param>
/// <param name="DataEvents">Data events, which a trail records only if its selectors ask for them.</param>
/// <param name="History">How far back the trail must reach for all that the practice asks; zero if each event speaks for itself.</param>
internal readonly record struct TrailNeeds(bool ReadEvents = false, bool DataEvents = false, TimeSpan History = default)
{
    /// <summary>In words, such as <c>read-only events, 90 days of history</c>; <c>management events</c> if nothing more.</summary>
    public override string ToString()
    {
        List<string> words = [];
        if (ReadEvents)
            words.Add("read-only events");
        if (DataEvents)
            words.Add("data events");
        if (History > TimeSpan.Zero)
            words.Add($"{(History.TotalDays >= 1 ? Count(History.Days, "day") : Count(History.Hours, "hour"))} of history");
        return words.Count == 0 ? "management events" : string.Join(", ", words);
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
