using System.Diagnostics;
using Detector.Testing.Fuzz;

namespace Detector.Fuzz;

/// <summary>
/// Feeds one reader. What reaches code that nothing before has reached, or reaches it more often than anything before, is kept, and the next inputs are made from it too.
/// </summary>
internal static class Feeder
{
    private static readonly TimeSpan BetweenWords = TimeSpan.FromSeconds(10);

    /// <summary>0, or 1 if a promise was broken.</summary>
    public static int Feed(string reader, FuzzRun run)
    {
        var map = new EdgeMap();
        var target = Target.All[reader]();
        var kept = Path.Combine(Target.Corpus, reader);
        List<byte[]> pool =
        [
            .. target.Seeds,
            .. Directory.Exists(kept) ? Directory.EnumerateFiles(kept).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [],
        ];
        var mutator = new Mutator(run.Seed, target.Tokens);
        using var last = File.OpenHandle(Finding.LastOf(reader), FileMode.Create, FileAccess.Write, FileShare.Read);
        using var watchdog = new Watchdog();

        var (tried, taught) = (0L, 0);
        var (watch, said) = (new Stopwatch(), TimeSpan.Zero);
        // What good inputs reach is known before anything else is tried.
        var good = new Queue<byte[]>(pool);
        while (good.Count > 0 || watch.Elapsed < run.Time)
        {
            var isGood = good.TryDequeue(out var input);
            if (!isGood)
                watch.Start();
            input ??= mutator.Next(pool);
            RandomAccess.Write(last, [BitConverter.GetBytes(input.Length), input], fileOffset: 0);
            watchdog.Feed();
            map.Clear();
            try
            {
                target.Try(input);
            }
            catch (Exception e)
            {
                watchdog.Dispose();
                var file = Finding.Keep($"{reader}-{run.Seed}-{tried}", Finding.Smallest(target, input, e));
                Console.WriteLine($"{reader}: input {tried} of seed {run.Seed} breaks a promise; what is left of it when made small: {file}\n{e}");
                return 1;
            }
            var learnt = map.Learn();
            if (isGood)
                continue;
            tried++;
            if (learnt)
            {
                taught++;
                if (!run.IsBlind)
                    pool.Add(input);
            }
            if (!Console.IsErrorRedirected && watch.Elapsed - said > BetweenWords)
            {
                said = watch.Elapsed;
                Console.Error.WriteLine($"{reader}: {said.TotalSeconds:F0} of {run.Time.TotalSeconds:F0} s, {tried} inputs, {map.Edges} edges");
            }
        }
        Console.WriteLine($"| `{reader}` | {tried} | {map.Edges} | {taught} |");
        return 0;
    }
}
