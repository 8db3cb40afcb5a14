using System.Globalization;
using BenchmarkDotNet.Running;
using Detector.Benchmarks;
using Detector.Benchmarks.Live;

// "table" prints what docs/performance.md shows, "costs" what docs/performance.md says of timing rules, "seen" what docs/reconcile.md does, "report" what docs/performance.md says of opening one, "live" what it says of the live path, "starts" what it says of starts, "floods" what it says of one caller, "archive" writes what replay.sh reads; anything else is for BenchmarkDotNet.
if (args is ["table"])
{
    MatchTable.Print(Console.Out);
}
else if (args is ["costs"])
{
    RuleCostTable.Print(Console.Out);
}
else if (args is ["seen", var seen, .. var redis])
{
    await SeenTable.PrintAsync(Console.Out, int.Parse(seen, CultureInfo.InvariantCulture), redis is [var connection] ? connection : null);
}
else if (args is ["report", var alerts])
{
    await ReportOpening.PrintAsync(Console.Out, int.Parse(alerts, CultureInfo.InvariantCulture));
}
else if (args is ["live", "--rate", var rate, "--seconds", var seconds])
{
    await LivePath.PaceAsync(Console.Out, int.Parse(rate, CultureInfo.InvariantCulture), int.Parse(seconds, CultureInfo.InvariantCulture));
}
else if (args is ["live", "--full", var waiting])
{
    await LivePath.FullAsync(Console.Out, int.Parse(waiting, CultureInfo.InvariantCulture));
}
else if (args is ["starts", .. { Length: > 0 } programs])
{
    StartTable.Print(Console.Out, programs);
}
else if (args is ["floods", var program])
{
    FloodTable.Print(Console.Out, program);
}
else if (args is ["archive", var folder, "--events", var events])
{
    TrailArchive.Write(folder, int.Parse(events, CultureInfo.InvariantCulture));
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(MatchTable).Assembly).Run(args);
}
