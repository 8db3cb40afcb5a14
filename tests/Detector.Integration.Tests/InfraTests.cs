using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.App.Options;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;
using Detector.Integration.Tests.Live;

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

    /// <summary>What a reader puts beside the clone: the blocks of the document, with the providers that it leaves to him.</summary>
    [Fact]
    public async Task Terraform_BlocksOfTheDocument_AreValidWithTheModule()
    {
        var terraform = Requires.Terraform();
        var providers = Requires.TerraformProviders();
        var document = await File.ReadAllTextAsync(Repository.PathOf("docs", "deploying.md"), Cancellation);
        var blocks = Regex.Matches(document, @"```hcl\n(?<hcl>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Copy(Path.Combine(_folder, "infra", "terraform"));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "main.tf"),
            string.Concat(blocks.Select(block => block.Groups["hcl"].Value)) + "\nprovider \"aws\" {\n  alias  = \"eu\"\n  region = \"eu-central-1\"\n}\n",
            Cancellation
        );

        var (initialized, said) = await RunAsync(terraform, _folder, "init", "-no-color", "-backend=false", $"-plugin-dir={providers}");
        var (valid, complaints) = await RunAsync(terraform, _folder, "validate", "-no-color");
        var (formatted, changes) = await RunAsync(terraform, _folder, "fmt", "-check", "-diff", "main.tf");

        Assert.Single(blocks);
        Assert.True(initialized == 0, said);
        Assert.True(valid == 0, complaints);
        Assert.True(formatted == 0, changes);
    }

    [Theory]
    [InlineData("efs")]
    [InlineData("redis")]
    public async Task Terraform_Outputs_AreAConfigurationThatTheDetectorTakes(string ledger)
    {
        var terraform = Requires.Terraform();
        var module = await InitializedAsync(terraform);
        // A test may not write files, so one that fails is made to tell what it saw.
        var tests = await File.ReadAllTextAsync(Path.Combine(module, "tests", "detector.tftest.hcl"), Cancellation);
        var provider = tests[tests.IndexOf("mock_provider", StringComparison.Ordinal)..tests.IndexOf("run \"", StringComparison.Ordinal)];
        var whole = $$"""
              variables {
                encryption = "kms"
                image      = "detector:1"
                ledger     = "{{ledger}}"
                vpc_id     = "vpc-1"
                subnet_ids = ["subnet-1"]
              }
            """;
        await File.WriteAllTextAsync(
            Path.Combine(module, "tests", "outputs.tftest.hcl"),
            $$"""
            {{provider}}
            run "yaml" {
            {{whole}}
              assert {
                condition     = output.detector_yaml == ""
                error_message = "<<<${base64encode(output.detector_yaml)}>>>"
              }
            }
            run "environment" {
            {{whole}}
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
        // What only Secrets Manager knows.
        const string Connection = "redis.example:6379,ssl=true,user=detector-ledger,password=a-password-for-this-test";
        var secret = Path.Combine(_folder, "redis-connection");
        await File.WriteAllTextAsync(secret, Connection, Cancellation);
        var file = Path.Combine(_folder, "detector.yaml");
        await File.WriteAllTextAsync(file, told[0].Replace("redis-connection", secret, StringComparison.Ordinal), Cancellation);
        AssertTaken(Configuration.Load(file, [], []), ledger);
        var environment = JsonSerializer.Deserialize<Dictionary<string, string>>(told[1])!;
        if (ledger is "redis")
            environment["DETECTOR_LEDGER__REDIS"] = Connection;
        var service = Configuration.Load(null, environment, []);
        AssertTaken(service, ledger);
        Assert.Equal((true, (LogFormat?)LogFormat.Json), (service.Options?.Heartbeat?.Log, service.Options?.Log.Format));
    }

    [Theory]
    [InlineData("detector.yaml")]
    [InlineData("forwarder.yaml")]
    public async Task CloudFormation_Template_HasNothingToComplainOf(string template)
    {
        var (code, output) = await RunAsync(Requires.CfnLint(), Repository.Root, "--regions", "us-east-1", "--", $"infra/cloudformation/{template}");

        Assert.True(code == 0, output);
    }

    [Theory]
    [InlineData("redis.tf", @"redis_access = join\("" "", \[(?<access>(\s+"".*"",)+)")]
    [InlineData("../cloudformation/detector.yaml", @"AccessString: !Sub >-(?<access>(\n {8}[^ ].*)+)")]
    [InlineData("../../docs/operating.md", @"```text\n(?<access>on ~(.*\n)+?)```")]
    public async Task Redis_SingleShardAndTheAccessThatIsGiven_HoldsTheLedger(string file, string pattern)
    {
        var text = await File.ReadAllTextAsync(Repository.PathOf("infra", "terraform", file), Cancellation);
        var access = Regex.Match(text, pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["access"].Value;
        var words = access.Replace("\",", " ").Replace("\"", " ").Replace("${var.name}", "detector").Replace("${Name}", "detector");
        await using var redis = await RedisServer.StartAsync("--cluster-enabled", "yes");
        await redis.AskAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        // A cluster takes no writes in its first two seconds; MemoryDB's has long been up when a detector meets it.
        await Eventually.TrueAsync(
            async () => $"{await redis.AskAsync("CLUSTER", "INFO")}".Contains("cluster_state:ok", StringComparison.Ordinal),
            "the cluster takes writes"
        );
        await redis.AskAsync(
            "ACL",
            ["SETUSER", "ledger", ">a-password-for-this-test", .. words.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)]
        );
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "detector.yaml"),
            $"ledger: {{redis: '{redis.Connection},user=ledger,password=a-password-for-this-test'}}\nstatus: {{enabled: false}}\n",
            Cancellation
        );

        await using var detector = DetectorProcess.Start(_folder, "run", "--sample", "--exit-after-sample");
        var code = await detector.ExitAsync();

        Assert.True(code == 0, detector.Log);
        Assert.Contains("root-usage", detector.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("ERROR", detector.Log, StringComparison.Ordinal);
    }

    private static void AssertTaken(Configuration configuration, string ledger)
    {
        Assert.Empty(configuration.Errors);
        Assert.Equal("https://sqs.us-east-1.amazonaws.com/111122223333/detector-events", configuration.Options?.Queue?.Url.OriginalString);
        Assert.Equal("arn:aws:sns:us-east-1:111122223333:detector-alerts", configuration.Options?.Sns?.Topic);
        Assert.Contains("detector-1", configuration.Options!.Deployment.Rules);
        Assert.Equal("detector/detector", configuration.Options.Deployment.Service);
        Assert.Equal(ledger is "efs" ? "fs-0123456789abcdef0" : null, configuration.Options.Deployment.FileSystem);
        Assert.Equal(ledger is "redis", configuration.Options.Ledger.Redis is not null);
        Assert.Equal(ledger is "redis" ? "detector-ledger" : null, configuration.Options.Deployment.LedgerCluster);
        Assert.Equal("/detector", configuration.Options.Deployment.LogGroup);
        Assert.Contains("detector-heartbeat", configuration.Options.Deployment.Alarms);
    }

    /// <summary>A copy of the module, with the provider that is on this machine: nothing is fetched.</summary>
    private async Task<string> InitializedAsync(string terraform)
    {
        var providers = Requires.TerraformProviders();
        var module = Path.Combine(_folder, "terraform");
        Copy(module);
        var (code, output) = await RunAsync(terraform, module, "init", "-no-color", "-backend=false", $"-plugin-dir={providers}");
        Assert.True(code == 0, output);
        return module;
    }

    private static void Copy(string module)
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("infra", "terraform"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(module, Path.GetRelativePath(Repository.PathOf("infra", "terraform"), file));
            if (copy.Contains(".terraform", StringComparison.Ordinal))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
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
