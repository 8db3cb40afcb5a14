using Detector.Core.Events;

namespace Detector.Adapters.Files;

/// <summary>Which part of a trail is wanted. What a path does not tell cannot be told to be outside.</summary>
/// <param name="Within">When the wanted events happened.</param>
/// <param name="Accounts">The accounts wanted; none for all.</param>
/// <param name="Regions">The regions wanted; none for all.</param>
public sealed record TrailScope(TimeRange Within, IReadOnlyCollection<string> Accounts, IReadOnlyCollection<string> Regions)
{
    /// <summary>How much later than it happened an event may be delivered. Mostly it is 5 minutes.</summary>
    public static readonly TimeSpan LongestDelivery = TimeSpan.FromDays(1);

    /// <summary>Whether digests are wanted in place of the log files that they name.</summary>
    public bool Digests { get; init; }

    /// <summary>Everything.</summary>
    public static TrailScope All { get; } = new(default, [], []);

    /// <summary>Whether what lies there may be wanted, and is no Insights file and no other service's; a digest only if these are wanted.</summary>
    public bool MayHold(in TrailPath path) => (Digests ? path.IsDigest || (path.IsTrail && path.Depth < TrailDepth.Service) : path.IsTrail) && Wants(path);

    /// <summary>Whether what lies there is of an account, a region and a time that may be wanted.</summary>
    public bool Wants(in TrailPath path) =>
        (path.Account is null || Accounts.Count == 0 || Accounts.Contains(path.Account, StringComparer.Ordinal))
        && (path.Region is null || Regions.Count == 0 || Regions.Contains(path.Region, StringComparer.Ordinal))
        && !(path.Delivered.To < Within.From)
        && !(path.Delivered.From - LongestDelivery > Within.To);

    /// <summary>Whether everything delivered in a span may be wanted, so that its parts need not be told apart.</summary>
    internal bool Covers(TimeRange delivered) => !(delivered.From < Within.From) && !(delivered.To - LongestDelivery > Within.To);
}
