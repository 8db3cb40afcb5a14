using BenchmarkDotNet.Running;
using Detector.Benchmarks;

// "table" prints what docs/performance.md shows; anything else is for BenchmarkDotNet.
if (args is ["table"])
{
    MatchTable.Print(Console.Out);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
