namespace Detector.Core;

/// <summary>Lets a sequence be worked out while what came before is still in use.</summary>
internal static class Ahead
{
    /// <summary>The same sequence, worked out on a thread of its own. Whoever stops taking stops it, and waits until it has.</summary>
    /// <param name="items">The sequence.</param>
    /// <param name="most">How many items lie ready at the most.</param>
    public static IEnumerable<T> WorkedOutAhead<T>(this IEnumerable<T> items, int most)
    {
        // Not a BlockingCollection, which lets whoever waits spin: there are more threads than cores.
        var ready = new Queue<T>(most);
        var isComplete = false;
        var isLeft = false;
        var work = Task.Factory.StartNew(WorkOut, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            while (TryTake(out var item))
            {
                yield return item;
            }
        }
        finally
        {
            lock (ready)
            {
                isLeft = true;
                Monitor.PulseAll(ready);
            }
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
                    if (!TryPut(item))
                    {
                        return;
                    }
                }
            }
            finally
            {
                lock (ready)
                {
                    isComplete = true;
                    Monitor.PulseAll(ready);
                }
            }
        }

        bool TryPut(T item)
        {
            lock (ready)
            {
                while (ready.Count == most && !isLeft)
                {
                    Monitor.Wait(ready);
                }
                ready.Enqueue(item);
                Monitor.PulseAll(ready);
                return !isLeft;
            }
        }

        bool TryTake(out T item)
        {
            lock (ready)
            {
                while (ready.Count == 0 && !isComplete)
                {
                    Monitor.Wait(ready);
                }
                Monitor.PulseAll(ready);
                return ready.TryDequeue(out item!);
            }
        }
    }
}
