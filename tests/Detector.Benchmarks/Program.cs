using BenchmarkDotNet.Running;
using Detector.Benchmarks;

// "table" prints what docs/performance.md shows, "archive" writes what replay.sh reads; anything else is for BenchmarkDotNet.
if (args is ["table"])
{
    MatchTable.Print(Console.Out);
}
else if (args is ["archive", var folder, "--events", var events])
{
    TrailArchive.Write(folder, int.Parse(events, System.Globalization.CultureInfo.InvariantCulture));
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
