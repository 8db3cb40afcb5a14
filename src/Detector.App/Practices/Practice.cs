namespace Detector.App.Practices;

/// <summary>A practice that an account should keep to, and how far CloudTrail tells whether it does.</summary>
/// <param name="Slug">Names it on command lines and in JSON.</param>
/// <param name="Title">What to do, in one line.</param>
/// <param name="Watches">How the trail shows a departure from it.</param>
/// <param name="Unseen">What CloudTrail never shows of it; empty if it shows all that matters.</param>
/// <param name="Proxy">What comes nearest to that in the trail; empty if nothing does.</param>
/// <param name="Elsewhere">What shows it outside the trail.</param>
/// <param name="Needs">What the trail must hold for all that the practice asks.</param>
/// <param name="Seed">The file that tells what was there before the trail.</param>
internal sealed record Practice(
    string Slug,
    string Title,
    IReadOnlyList<Watch> Watches,
    string Unseen,
    string Proxy,
    string Elsewhere,
    TrailNeeds Needs,
    Seed Seed = Seed.None
)
{
    /// <summary>Rules that carry one of these as tag <c>detector.SLUG</c> watch it.</summary>
    public IReadOnlyList<string> Detections { get; } = [.. Watches.Where(watch => !watch.IsBorrowed).Select(watch => watch.Detection)];

    /// <summary>Whether the trail never shows the practice itself, only what comes near to it.</summary>
    public bool HasOnlyProxies { get; init; }
}

/// <summary>One way in which the trail shows a departure from a practice.</summary>
/// <param name="Detection">Rules that carry it as tag <c>detector.SLUG</c> look for it.</param>
/// <param name="Sources">The event sources whose events show it; none if any event may.</param>
internal sealed record Watch(string Detection, params IReadOnlyList<string> Sources)
{
    /// <summary>Whether it only hints at a departure: the practice may be kept all the same, and somebody has to look.</summary>
    public bool IsSign { get; init; }

    /// <summary>Whether the detection belongs to another practice, and tells something of this one too.</summary>
    public bool IsBorrowed { get; init; }

    /// <summary>How far the trail must reach before anything can be found.</summary>
    public TimeSpan Least { get; init; }

    /// <summary>Whether the practice's <see cref="Practice.Seed"/> makes up for that.</summary>
    public bool IsSeeded { get; init; }
}

/// <summary>Files of AWS's that tell of the time before the trail.</summary>
internal enum Seed
{
    /// <summary>No file would.</summary>
    None,

    /// <summary>The IAM credential report.</summary>
    CredentialReport,

    /// <summary>The answers of describe-key-pairs.</summary>
    KeyPairs,
}

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
            words.Add($"{Words.Of(History)} of history");
        return words.Count == 0 ? "management events" : string.Join(", ", words);
    }
}
