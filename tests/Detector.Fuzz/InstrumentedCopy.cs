using System.Diagnostics;
using System.Globalization;
using SharpFuzz;

namespace Detector.Fuzz;

/// <summary>
/// A copy of this program whose readers count what they reach. Each reader is fed in a process of its own: what one leaves behind helps no other, and an input that kills
/// the process is still there when it is dead.
/// </summary>
internal static class InstrumentedCopy
{
    // What reads: all of the engine, and of the rest only that, as the map has 65,536 places.
    private static readonly (string Assembly, string Types)[] Instrumented =
    [
        ("Detector.Core.dll", "Detector.Core."),
        ("Detector.Adapters.dll", "Detector.Adapters.Files."),
        ("detector.dll", "Detector.App.Options."),
        ("YamlDotNet.dll", "YamlDotNet.Core."),
    ];

    /// <summary>Feeds each of the readers, as many at once as there are processors: 0, or 1 if a promise was broken.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> readers, FuzzRun run, CancellationToken cancellation)
    {
        var program = Make();
        Console.WriteLine("| reader | inputs | edges | inputs that taught something |\n|---|---|---|---|");
        var broken = 0;
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        await Parallel.ForEachAsync(
            readers,
            atOnce,
            async (reader, stop) =>
            {
                if (!await FeedAsync(program, reader, run, stop))
                    Interlocked.Exchange(ref broken, 1);
            }
        );
        return broken;
    }

    private static async Task<bool> FeedAsync(string program, string reader, FuzzRun run, CancellationToken stop)
    {
        var seconds = ((int)run.Time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(program, ["--inside", reader, "--seconds", seconds, "--seed", run.Seed.ToString(CultureInfo.InvariantCulture)]);
        if (run.IsBlind)
            start.ArgumentList.Add("--blind");
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(stop);
        }
        finally
        {
            process.Kill();
        }
        if (process.ExitCode is not (0 or 1))
            Console.WriteLine($"{reader}: the process has died, exit code {process.ExitCode}, of {Finding.KeepLast(reader, run.Seed)}");
        return process.ExitCode == 0;
    }

    /// <summary>The copy's program. It is made once for each build, so that edges have the same places in the map run after run.</summary>
    private static string Make()
    {
        var copy = Path.Combine(AppContext.BaseDirectory, "instrumented");
        var program = Path.Combine(copy, Path.GetFileName(Environment.ProcessPath!));
        var files = Directory.GetFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories);
        var own = files.Where(file => !file.StartsWith(copy, StringComparison.Ordinal)).ToList();
        if (File.Exists(program) && own.All(file => File.GetLastWriteTimeUtc(file) < Directory.GetLastWriteTimeUtc(copy)))
            return program;
        var growing = Directory.CreateTempSubdirectory("detector-fuzz-").FullName;
        foreach (var file in own)
        {
            var place = Path.Combine(growing, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
        foreach (var (assembly, types) in Instrumented)
            Fuzzer.Instrument(Path.Combine(growing, assembly), type => type.StartsWith(types, StringComparison.Ordinal), Options.Value);
        if (Directory.Exists(copy))
            Directory.Delete(copy, recursive: true);
        Directory.Move(growing, copy);
        return program;
    }
}
