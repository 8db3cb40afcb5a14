namespace Detector.Adapters.Aws.History;

/// <summary>Lets through one caller an interval.</summary>
internal sealed class Pace(TimeSpan interval, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _next; // since the start: a clock that is set moves no turn

    /// <summary>Completes when it is the caller's turn.</summary>
    public Task WaitAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetElapsedTime(_started);
            _next = _next > now ? _next : now;
            wait = _next - now;
            _next += interval;
        }
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellation) : Task.CompletedTask;
    }
}
