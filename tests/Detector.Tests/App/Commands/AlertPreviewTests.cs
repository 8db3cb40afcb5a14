using System.Text.Json;
using Detector.App;
using Detector.Core.Delivery;
using Detector.Tests.Adapters.Slack;
using Detector.Tests.Adapters.Sqlite;

namespace Detector.Tests.App.Commands;

public sealed class AlertPreviewTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("slack")]
    [InlineData("sns")]
    [InlineData("jsonl")]
    public async Task Preview_Rule_IsTheJsonOfItsFirstCaseThatFires(string sink)
    {
        using var shell = new Shell();
        var code = await shell.RunAsync("alert", "preview", "root-usage", "--sink", sink);
        var output = shell.Out;

        Assert.Equal(ExitCode.Done, code);
        using var json = JsonDocument.Parse(output);
        Assert.Contains("root", output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(sink == "slack", json.RootElement.TryGetProperty("blocks", out _));
    }

    [Fact]
    public async Task Preview_Bot_IsEveryCallWithItsMethod()
    {
        using var shell = new Shell();
        var code = await shell.RunAsync("alert", "preview", "root-usage", "--bot");
        var output = shell.Out;

        Assert.Equal(ExitCode.Done, code);
        var calls = output.Trim().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("chat.postMessage", calls[0].GetProperty("method").GetString());
        Assert.Equal("C0123456789", calls[0].GetProperty("body").GetProperty("channel").GetString());
    }

    [Fact]
    public async Task Preview_FileOfAnAlert_IsThatAlert()
    {
        File.WriteAllBytes(_scratch.File("alert.json"), AlertJson.Write(SlackAlerts.AdminGrant));

        using var shell = new Shell();
        var code = await shell.RunAsync("alert", "preview", _scratch.File("alert.json"), "--sink", "text");
        var output = shell.Out;

        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("HIGH: Administrator rights granted", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_EventsOnWhichNothingFires_SaysSo()
    {
        File.WriteAllText(_scratch.File("quiet.json"), """{"eventSource":"iam.amazonaws.com","eventName":"ListUsers","eventTime":"2026-03-05T12:00:00Z"}""");

        using var shell = new Shell();
        var code = await shell.RunAsync("alert", "preview", _scratch.File("quiet.json"));
        var error = shell.Error;

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("no rule fires", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root-usge", "did you mean root-usage?")]
    [InlineData("nothing-like-it-at-all", "there is no rule and no file")]
    public async Task Preview_UnknownRule_SaysWhatThereIs(string name, string said)
    {
        using var shell = new Shell();
        var code = await shell.RunAsync("alert", "preview", name);
        var error = shell.Error;

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }
}
