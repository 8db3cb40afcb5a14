using System.Diagnostics;

namespace Detector.Benchmarks;

/// <summary>A published program, run to its end.</summary>
internal static class ProgramRun
{
    /// <summary>How long it takes from its start to its end.</summary>
    /// <exception cref="InvalidOperationException">It fails.</exception>
    public static double Milliseconds(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var since = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var elapsed = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        return process.ExitCode == 0
            ? elapsed
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
    }
}
