using System.CommandLine;
using Detector.Fuzz;
using Detector.Testing.Fuzz;

var readers = new Argument<string[]>("READER")
{
    Description = $"What to feed: {string.Join(", ", Target.All.Keys)}. Without one: all.",
    Arity = ArgumentArity.ZeroOrMore,
};
readers.AcceptOnlyFromAmong([.. Target.All.Keys]);
var seconds = new Option<int>("--seconds") { Description = "How long each reader is fed.", DefaultValueFactory = _ => 10 };
var seed = new Option<int>("--seed") { Description = "Where chance begins.", DefaultValueFactory = _ => 1 };
var blind = new Option<bool>("--blind") { Description = "Learn nothing of what inputs reach: to compare with." };
var inside = new Option<bool>("--inside") { Hidden = true }; // this is the instrumented copy

var command = new RootCommand("Feeds the readers what nobody wrote, led by the code that it reaches. Exit code 1 tells of a broken promise.")
{
    readers,
    seconds,
    seed,
    blind,
    inside,
};
command.SetAction(
    (parsed, cancellation) =>
    {
        string[] named = parsed.GetValue(readers) is { Length: > 0 } some ? some : [.. Target.All.Keys];
        var run = new FuzzRun(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(seed), parsed.GetValue(blind));
        return parsed.GetValue(inside) ? Task.FromResult(Feeder.Feed(named.Single(), run)) : InstrumentedCopy.RunAsync(named, run, cancellation);
    }
);
return await command.Parse(args).InvokeAsync();
