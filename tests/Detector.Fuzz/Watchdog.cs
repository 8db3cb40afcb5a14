using System.Diagnostics;

namespace Detector.Fuzz;

/// <summary>Ends the process when nothing has been tried for so long: a reader that goes round in circles would never come back.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Timer _timer;
    private long _fed = Stopwatch.GetTimestamp();

    public Watchdog(TimeSpan patience) =>
        _timer = new Timer(
            _ =>
            {
                if (Stopwatch.GetElapsedTime(Volatile.Read(ref _fed)) > patience)
                    Environment.FailFast("it takes far too long");
            },
            state: null,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(1)
        );

    public void Feed() => Volatile.Write(ref _fed, Stopwatch.GetTimestamp());

    public void Dispose() => _timer.Dispose();
}
