using System.Diagnostics;
using System.Text.Json;
using Detector.App.Commands;
using Detector.App.Options;
using YamlDotNet.RepresentationModel;

namespace Detector.Integration.Tests;

public sealed class ComposeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ComposeFile_DockerCompose_AcceptsIt()
    {
        var start = new ProcessStartInfo(Requires.DockerCompose(), ["config", "-q"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        using var compose = Process.Start(start)!;
        var complaints = await compose.StandardError.ReadToEndAsync(Cancellation);
        await compose.WaitForExitAsync(Cancellation);

        Assert.Equal("", complaints);
        Assert.Equal(0, compose.ExitCode);
    }

    [Fact]
    public void ComposeFile_QueueAndTopic_AreThoseThatTheEmulatorMakes()
    {
        var compose = File.ReadAllText(Repository.PathOf("docker-compose.yml"));

        using var made = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("infra", "compose", "emulator.json")));
        var root = made.RootElement;

        Assert.Contains(Names(root, "queues"), queue => compose.Contains($"/000000000000/{queue}\n", StringComparison.Ordinal));
        Assert.Contains(
            Names(root, "topics"),
            topic => compose.Contains($"arn:aws:sns:{root.GetProperty("region")}:000000000000:{topic}\n", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void ComposeFile_EnvironmentOfTheDetector_IsAValidConfiguration()
    {
        using var compose = File.OpenText(Repository.PathOf("docker-compose.yml"));
        var yaml = new YamlStream();
        yaml.Load(compose);
        var environment = (YamlMappingNode)yaml.Documents[0].RootNode["services"]["detector"]["environment"];

        var configuration = Configuration.Load(
            null,
            environment
                .Children.Select(variable => KeyValuePair.Create(variable.Key.ToString(), variable.Value.ToString()))
                .Where(variable => !variable.Value.StartsWith("${", StringComparison.Ordinal)),
            []
        );

        Assert.Empty(configuration.Errors);
        Assert.Equal("eu-west-1", configuration.Options?.Queue?.Region);
        Assert.Null(new RunSettings(configuration.Options!, Sample: true, ExitAfterSample: false).Fault);
    }

    private static IEnumerable<string?> Names(JsonElement root, string kind) =>
        root.GetProperty(kind).EnumerateArray().Select(item => item.GetProperty("name").GetString());
}
