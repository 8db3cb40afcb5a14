namespace Detector.Fuzz;

/// <summary>
/// Ends the process when one input takes far too much of the processor, or has no end: a reader that goes round in circles would never come back. That the machine is busy with
/// other things is no reason.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan MostProcessor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(10);

    private readonly Timer _timer;
    private Usage _fed = Usage.Now;

    public Watchdog() => _timer = new Timer(_ => Look(), state: null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    /// <summary>Another input is tried now.</summary>
    public void Feed() => Volatile.Write(ref _fed, Usage.Now);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var (before, now) = (Volatile.Read(ref _fed), Usage.Now);
        if (now.Processor - before.Processor > MostProcessor || now.Time - before.Time > MostTime)
            Environment.FailFast("it takes far too long");
    }

    private sealed record Usage(TimeSpan Processor, TimeSpan Time)
    {
        public static Usage Now => new(Environment.CpuUsage.TotalTime, TimeSpan.FromMilliseconds(Environment.TickCount64));
    }
}
