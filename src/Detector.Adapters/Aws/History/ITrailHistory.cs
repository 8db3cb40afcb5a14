namespace Detector.Adapters.Aws.History;

/// <summary>CloudTrail's event history of one region. Another CloudTrail client takes the place of ours by answering to this.</summary>
public interface ITrailHistory : IDisposable
{
    /// <summary>One page of what happened, the newest first.</summary>
    /// <exception cref="Amazon.Runtime.AmazonServiceException">It was not answered, or with an error.</exception>
    Task<HistoryPage> LookupAsync(HistoryQuery query, CancellationToken cancellation);
}

/// <summary>What is looked up.</summary>
/// <param name="From">The earliest time; null for all that is kept, which is 90 days.</param>
/// <param name="To">The latest time; null for now.</param>
/// <param name="NextToken">Goes on behind an earlier page; the times must then be the same.</param>
public sealed record HistoryQuery(DateTimeOffset? From, DateTimeOffset? To, string? NextToken = null);

/// <summary>A page of records.</summary>
/// <param name="Records">CloudTrail records, each a JSON object; at most 50.</param>
/// <param name="NextToken">Asks for the page behind; null on the last.</param>
public sealed record HistoryPage(IReadOnlyList<string> Records, string? NextToken);
