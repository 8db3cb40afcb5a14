namespace Detector.App.Vigil;

/// <summary>Looks again and again until stopped. What goes wrong in one round is told, and the next comes all the same.</summary>
internal static class Rounds
{
    /// <param name="every">The time between two looks.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="look">Looks once.</param>
    /// <param name="failed">Told why a look came to nothing.</param>
    /// <param name="stopping">Ends it.</param>
    public static async Task RunAsync(TimeSpan every, TimeProvider time, Func<Task> look, Action<Exception> failed, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(every, time);
        do
        {
            try
            {
                await look();
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                failed(e);
            }
        } while (await timer.WaitForNextTickAsync(stopping));
    }
}
