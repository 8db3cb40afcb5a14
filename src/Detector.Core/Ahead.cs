using System.Collections.Concurrent;

namespace Detector.Core;

/// <summary>Lets a sequence be worked out while what came before is still in use.</summary>
internal static class Ahead
{
    /// <summary>The same sequence, worked out on a thread of its own. Whoever stops taking stops it, and waits until it has.</summary>
    /// <param name="items">The sequence.</param>
    /// <param name="most">How many items lie ready at the most.</param>
    public static IEnumerable<T> WorkedOutAhead<T>(this IEnumerable<T> items, int most)
    {
        using var ready = new BlockingCollection<T>(most);
        using var left = new CancellationTokenSource();
        var work = Task.Factory.StartNew(WorkOut, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var item in ready.GetConsumingEnumerable())
            {
                yield return item;
            }
        }
        finally
        {
            left.Cancel();
            ((IAsyncResult)work).AsyncWaitHandle.WaitOne();
        }
        // What it threw is thrown here.
        work.GetAwaiter().GetResult();

        void WorkOut()
        {
            try
            {
                foreach (var item in items)
                {
                    ready.Add(item, left.Token);
                }
            }
            finally
            {
                ready.CompleteAdding();
            }
        }
    }
}
