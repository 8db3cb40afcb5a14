using Detector.Core.Integrity;

namespace Detector.Adapters.Aws.History;

/// <summary>The public keys of CloudTrail in one region. Another CloudTrail client takes the place of ours by answering to this.</summary>
public interface ITrailKeys : IDisposable
{
    /// <summary>The keys by whose private halves digests were signed in a span of time.</summary>
    /// <exception cref="IOException">It was not answered, or with an error; the message says why.</exception>
    Task<IReadOnlyList<PublicKey>> ListAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}
