using System.Diagnostics;
using Detector.Testing;
using Detector.Testing.Fuzz;

namespace Detector.Fuzz;

/// <summary>An input that broke a promise, in a file of artifacts/fuzz.</summary>
internal static class Finding
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Where a process keeps what it is just trying, so that it is not lost with it.</summary>
    public static string LastOf(string reader) => PathOf($"{reader}-last");

    /// <summary>Keeps what killed a process, which began with the length of the input.</summary>
    public static string KeepLast(string reader, int seed)
    {
        using var last = new BinaryReader(File.OpenRead(LastOf(reader)));
        return Keep($"{reader}-{seed}-died", last.ReadBytes(last.ReadInt32()));
    }

    public static string Keep(string name, byte[] input)
    {
        var file = PathOf(name);
        File.WriteAllBytes(file, input);
        return file;
    }

    /// <summary>What is left of an input when pieces are taken out as long as it breaks the same promise.</summary>
    public static byte[] Smallest(Target target, byte[] input, Exception finding)
    {
        var watch = Stopwatch.StartNew();
        for (var piece = input.Length / 2; piece > 0; piece /= 2)
        {
            for (var at = 0; at + piece <= input.Length && watch.Elapsed < Patience; )
            {
                byte[] less = [.. input[..at], .. input[(at + piece)..]];
                if (Breaks(target, less, finding))
                    input = less;
                else
                    at += piece;
            }
        }
        return input;
    }

    private static bool Breaks(Target target, byte[] input, Exception finding)
    {
        try
        {
            target.Try(input);
            return false;
        }
        catch (Exception e)
        {
            return e.GetType() == finding.GetType() && Place(e) == Place(finding);
        }
    }

    private static string? Place(Exception e) => new StackTrace(e).GetFrames().Select(frame => frame.GetMethod()?.ToString()).FirstOrDefault();

    private static string PathOf(string name) => Path.Combine(Directory.CreateDirectory(Repository.PathOf("artifacts", "fuzz")).FullName, name);
}
