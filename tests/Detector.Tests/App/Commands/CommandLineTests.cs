using System.CommandLine;
using Detector.App;
using Detector.App.Commands;

namespace Detector.Tests.App.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("--help", "detector run --sample")]
    [InlineData("run --help", "--exit-after-sample")]
    [InlineData("--version", ".")]
    public async Task InvokeAsync_AskedAboutItself_AnswersOnStandardOutput(string args, string part)
    {
        var code = await InvokeAsync(args);

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains(part, _out.ToString(), StringComparison.Ordinal);
        Assert.Empty(_error.ToString());
    }

    [Theory]
    [InlineData("rum", "'rum'", "Did you mean run?", "detector --help tells more.")]
    [InlineData("run --nope", "'--nope'", "detector run --help tells more.")]
    [InlineData("run --smaple", "'--smaple'", "Did you mean --sample?", "detector run --help tells more.")]
    [InlineData("run @file", "'@file'", "detector run --help tells more.")]
    [InlineData("run --config", "'--config'", "detector run --help tells more.")]
    [InlineData("run --exit-after-sample", "goes with --sample", "detector run --help tells more.")]
    [InlineData("rules lst", "'lst'", "Did you mean list?", "detector rules --help tells more.")]
    [InlineData("replay", "Nothing to read", "detector replay --help tells more.")]
    [InlineData("validate", "Nothing to read: give a PATH.", "detector validate --help tells more.")]
    [InlineData("validate --lookup-events", "--lookup-events is neither", "detector validate --help tells more.")]
    [InlineData("replay - --outptu", "--outptu is neither", "Did you mean --output?", "detector replay --help tells more.")]
    [InlineData("replay - --from", "'--from'", "detector replay --help tells more.")]
    [InlineData("replay - --to 1d --to 2d", "'--to'", "detector replay --help tells more.")]
    [InlineData("replay - --output json", "--output: json is none of table, jsonl or csv; did you mean jsonl?", "detector replay --help tells more.")]
    [InlineData("alerts list --level hi", "--level: hi is none of informational, low, medium, high or critical", "detector alerts list --help tells more.")]
    public async Task InvokeAsync_WrongUsage_TellsWhatIsWrongAndNoMore(string args, params string[] parts)
    {
        var code = await InvokeAsync(args);

        Assert.Equal(ExitCode.Usage, code);
        var lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(parts, part => Assert.Contains(lines, line => line.Contains(part, StringComparison.Ordinal)));
        Assert.InRange(lines.Length, parts.Length, 4);
        Assert.Empty(_out.ToString());
    }

    [Fact]
    public async Task InvokeAsync_OptionWithoutItsValueOrWithTooMany_IsWrongUsageOfEveryCommand()
    {
        foreach (var (path, command) in Commands("", CommandLine.Create(Terminal())))
        {
            foreach (var option in command.Options.Where(option => option.Arity.MinimumNumberOfValues > 0))
            {
                var name = option.Name;
                string[] uses = [$"{path} {name}", $"{path} x {name} a {name} b"];
                foreach (var use in uses.Take(option.Arity.MaximumNumberOfValues > 1 ? 1 : 2))
                    Assert.True(await InvokeAsync(use) == ExitCode.Usage, use);
            }
        }
    }

    [Fact]
    public void Create_OneCommandNamed_IsThatOneAsItIsAmongAll()
    {
        foreach (var command in CommandLine.Create(Terminal()).Subcommands)
        {
            var only = Assert.Single(CommandLine.Create(Terminal(), command.Name).Subcommands);
            Assert.Equal(Commands("", command).Select(each => each.Path), Commands("", only).Select(each => each.Path));
        }
        Assert.NotEqual(1, CommandLine.Create(Terminal(), "--help").Subcommands.Count);
    }

    [Theory]
    [InlineData("", "detector run --sample")]
    [InlineData("rules", "list")]
    public async Task InvokeAsync_NoCommandNamed_TellsWhichThereAre(string args, string part)
    {
        var code = await InvokeAsync(args);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("Required command", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains(part, _out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvokeAsync_WrongConfiguration_TellsEveryFaultAndRunsNothing()
    {
        _environment["DETECTOR_QUEUE__WAIT"] = "long";
        _environment["DETECTOR_LOG__FORMAT"] = "prose";

        var code = await InvokeAsync("run --rules /nowhere --rules +/nowhere/else");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal(5, _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("configuration: --rules: rules: \"/nowhere/else\" is no directory", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_out.ToString());
    }

    [Fact]
    public async Task InvokeAsync_SampleOnARealQueue_IsRefused()
    {
        _environment["DETECTOR_QUEUE__URL"] = "https://sqs.eu-west-1.amazonaws.com/111122223333/detector-events";

        var code = await InvokeAsync("run --sample");

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("--sample: would send invented events to a real queue", _error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Every command that does something, with the words that name it.</summary>
    private static IEnumerable<(string Path, Command Command)> Commands(string path, Command command) =>
        command.Subcommands.Count == 0 ? [(path, command)] : command.Subcommands.SelectMany(inner => Commands($"{path} {inner.Name}", inner));

    private Task<int> InvokeAsync(string args) => CommandLine.InvokeAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), Terminal());

    private Terminal Terminal() => new(_out, _error, _environment, TimeProvider.System, TestContext.Current.CancellationToken);
}
