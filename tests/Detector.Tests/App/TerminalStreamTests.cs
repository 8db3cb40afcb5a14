using Detector.App;
using Detector.App.Commands;

namespace Detector.Tests.App;

public sealed class TerminalStreamTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("replay", "--help")]
    [InlineData("replay", "-")]
    [InlineData("infra", "pattern")]
    public async Task Write_ResultsThatCannotBe_AreToldInOneLine(params string[] args)
    {
        await using var results = Writer(isLog: false);
        await using var error = new StringWriter();

        var code = await InvokeAsync(args, results, error);

        Assert.Equal(ExitCode.Fault, code);
        Assert.Equal("standard output cannot be written: No space left on device", error.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("replay", "/nowhere")]
    [InlineData("rules", "list", "/nowhere")]
    public async Task Write_LogThatCannotBe_StopsNothing(params string[] args)
    {
        await using var results = new StringWriter();
        await using var error = Writer(isLog: true);

        Assert.Equal(ExitCode.Usage, await InvokeAsync(args, results, error));
    }

    private static Task<int> InvokeAsync(string[] args, TextWriter results, TextWriter error) =>
        CommandLine.InvokeAsync(
            args,
            new Terminal(results, error, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System, TestContext.Current.CancellationToken)
            {
                OpenIn = () => new MemoryStream("{\"eventTime\":\"2026-11-20T10:00:00Z\"}"u8.ToArray()),
            }
        );

    private static StreamWriter Writer(bool isLog) => new(new TerminalStream(new FullDisk(), isLog)) { AutoFlush = true };

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }
}
