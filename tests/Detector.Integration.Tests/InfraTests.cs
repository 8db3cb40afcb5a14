using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Detector.App.Options;

namespace Detector.Integration.Tests;

/// <summary>The Terraform module and the CloudFormation template, by the tools that their users have.</summary>
public sealed class InfraTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("infra-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Terraform_Module_IsFormatted()
    {
        var (code, output) = await RunAsync(Requires.Terraform(), Repository.PathOf("infra", "terraform"), "fmt", "-check", "-recursive", "-diff");

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Terraform_Module_IsValidAndPassesItsTests()
    {
        var terraform = Requires.Terraform();
        var module = await InitializedAsync(terraform);

        var (validCode, valid) = await RunAsync(terraform, module, "validate", "-no-color");
        Assert.True(validCode == 0, valid);

        var (code, output) = await RunAsync(terraform, module, "test", "-no-color");
        Assert.True(code == 0, output);
        Assert.Contains("0 failed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terraform_Outputs_AreAConfigurationThatTheDetectorTakes()
    {
        var terraform = Requires.Terraform();
        var module = await InitializedAsync(terraform);
        // A test may not write files, so one that fails is made to tell what it saw.
        var tests = await File.ReadAllTextAsync(Path.Combine(module, "tests", "detector.tftest.hcl"), Cancellation);
        var provider = tests[tests.IndexOf("mock_provider", StringComparison.Ordinal)..tests.IndexOf("run \"", StringComparison.Ordinal)];
        const string Whole = """
              variables {
                encryption = "kms"
                image      = "detector:1"
                vpc_id     = "vpc-1"
                subnet_ids = ["subnet-1"]
              }
            """;
        await File.WriteAllTextAsync(
            Path.Combine(module, "tests", "outputs.tftest.hcl"),
            $$"""
            {{provider}}
            run "yaml" {
            {{Whole}}
              assert {
                condition     = output.detector_yaml == ""
                error_message = "<<<${base64encode(output.detector_yaml)}>>>"
              }
            }
            run "environment" {
            {{Whole}}
              assert {
                condition     = length(local.environment) == 0
                error_message = "<<<${base64encode(jsonencode(local.environment))}>>>"
              }
            }
            """,
            Cancellation
        );

        var (_, output) = await RunAsync(terraform, module, "test", "-no-color", "-filter=tests/outputs.tftest.hcl");

        var told = output
            .Split("<<<")
            .Skip(1)
            .Select(part => part[..part.IndexOf(">>>", StringComparison.Ordinal)])
            // Long lines come broken.
            .Select(part =>
                Encoding.UTF8.GetString(Convert.FromBase64String(string.Concat(part.Where(character => !char.IsWhiteSpace(character) && character != '│'))))
            )
            .ToList();
        Assert.True(told.Count == 2, output);
        var file = Path.Combine(_folder, "detector.yaml");
        await File.WriteAllTextAsync(file, told[0], Cancellation);
        AssertTaken(Configuration.Load(file, [], []));
        var environment = JsonSerializer.Deserialize<Dictionary<string, string>>(told[1])!;
        AssertTaken(Configuration.Load(null, environment, []));
    }

    [Theory]
    [InlineData("detector.yaml")]
    [InlineData("forwarder.yaml")]
    public async Task CloudFormation_Template_HasNothingToComplainOf(string template)
    {
        var (code, output) = await RunAsync(Requires.CfnLint(), Repository.Root, "--regions", "us-east-1", "--", $"infra/cloudformation/{template}");

        Assert.True(code == 0, output);
    }

    private static void AssertTaken(Configuration configuration)
    {
        Assert.Empty(configuration.Errors);
        Assert.Equal("https://sqs.us-east-1.amazonaws.com/111122223333/detector-events", configuration.Options?.Queue?.Url.OriginalString);
        Assert.Equal("arn:aws:sns:us-east-1:111122223333:detector-alerts", configuration.Options?.Sns?.Topic);
        Assert.Contains("detector-1", configuration.Options!.Deployment.Rules);
        Assert.Equal("detector/detector", configuration.Options.Deployment.Service);
        Assert.Equal("fs-0123456789abcdef0", configuration.Options.Deployment.FileSystem);
    }

    /// <summary>A copy of the module, with the provider that is on this machine: nothing is fetched.</summary>
    private async Task<string> InitializedAsync(string terraform)
    {
        var providers = Requires.TerraformProviders();
        var module = Path.Combine(_folder, "terraform");
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("infra", "terraform"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(module, Path.GetRelativePath(Repository.PathOf("infra", "terraform"), file));
            if (copy.Contains(".terraform", StringComparison.Ordinal))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        var (code, output) = await RunAsync(terraform, module, "init", "-no-color", "-backend=false", $"-plugin-dir={providers}");
        Assert.True(code == 0, output);
        return module;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Settings of the person's own, such as mirrors, are not the module's.
        start.Environment.Remove("TF_CLI_CONFIG_FILE");
        start.Environment.Remove("TF_DATA_DIR");
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output + await error);
    }
}
