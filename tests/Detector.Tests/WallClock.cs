using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests;

/// <summary>A clock that somebody sets, while the one that only counts goes on as before.</summary>
internal sealed class WallClock(DateTimeOffset now) : FakeTimeProvider(now)
{
    /// <summary>How far it has been set ahead.</summary>
    public TimeSpan Off { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Off;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
