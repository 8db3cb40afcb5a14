namespace Detector.Testing;

/// <summary>
/// States what a test needs beyond the .NET SDK. Where that is missing the test is skipped with the reason, in sight; with
/// DETECTOR_REQUIRE_COMPONENTS=1, as in <c>.ci/run</c>, it fails instead.
/// </summary>
internal static class Requires
{
    /// <summary>The path of Node.</summary>
    public static string Node() => Program("node", "Debian: nodejs");

    /// <summary>The path of a Chromium.</summary>
    public static string Chromium() => Program("chromium", "Debian: chromium");

    /// <summary>The path of git.</summary>
    public static string Git() => Program("git", "Debian: git");

    /// <summary>The path of jq, which pages use on JSON lines.</summary>
    public static string Jq() => Program("jq", "Debian: jq");

    /// <summary>The path of curl, by which pages send events.</summary>
    public static string Curl() => Program("curl", "Debian: curl");

    /// <summary>The path of a Redis server.</summary>
    public static string RedisServer() => Program("redis-server", "Debian: redis-server");

    /// <summary>
    /// The script that starts a RabbitMQ: not the one in the path, which wants the user that Debian made for it.
    /// </summary>
    public static string RabbitMq()
    {
        const string hint = "Debian: rabbitmq-server";
        const string server = "/usr/lib/rabbitmq/bin/rabbitmq-server";
        Program("epmd", hint);
        return File.Exists(server) ? server : Missing<string>($"{server} is not there", hint);
    }

    /// <summary>The path of docker-compose; no engine is needed.</summary>
    public static string DockerCompose() => Program("docker-compose", "Debian: docker-compose");

    /// <summary>The path of libfaketime, which gives one process a clock of its own.</summary>
    public static string FakeTime() =>
        Directory.Exists("/usr/lib")
        && Directory.EnumerateDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
            is { } library
            ? library
            : Missing<string>("libfaketime is not installed", "Debian: libfaketime");

    /// <summary>The system's libdeflate.</summary>
    /// <param name="isThere">Whether the program has found it.</param>
    public static void LibDeflate(bool isThere)
    {
        if (!isThere)
            Missing<string>("libdeflate is not installed", "Debian: libdeflate0");
    }

    /// <summary>The folder of the emulator's npm packages.</summary>
    public static string Emulator()
    {
        Node();
        var folder = Repository.PathOf("tests", "Detector.Integration.Tests", "emulator");
        return Directory.Exists(Path.Combine(folder, "node_modules")) ? folder : Missing<string>("the emulator is not installed", $"npm ci in {folder}");
    }

    /// <summary>The path of Terraform, where it is on the machine: no Debian package has it, so nothing demands it.</summary>
    public static string Terraform() => Programs.Find("terraform") ?? Absent("terraform is not installed");

    /// <summary>The folder that holds Terraform's AWS provider as a mirror: DETECTOR_TERRAFORM_PROVIDERS, or Terraform's own places.</summary>
    public static string TerraformProviders() =>
        new[]
        {
            Environment.GetEnvironmentVariable("DETECTOR_TERRAFORM_PROVIDERS"),
            Environment.GetEnvironmentVariable("TF_PLUGIN_CACHE_DIR"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".terraform.d", "plugins"),
            "/usr/local/share/terraform/plugins",
            "/usr/share/terraform/plugins",
        }.FirstOrDefault(folder => folder is not null && Directory.Exists(Path.Combine(folder, "registry.terraform.io", "hashicorp", "aws")))
        ?? Absent(
            "Terraform's AWS provider is not on this machine (DETECTOR_TERRAFORM_PROVIDERS names the folder that holds registry.terraform.io/hashicorp/aws)"
        );

    /// <summary>The path of cfn-lint, where it is on the machine.</summary>
    public static string CfnLint() => Programs.Find("cfn-lint") ?? Absent("cfn-lint is not installed");

    /// <summary>The path of the AWS CLI, where it is on the machine.</summary>
    public static string AwsCli() => Programs.Find("aws") ?? Absent("the AWS CLI is not installed");

    /// <summary>Whether this process may have mounts of its own, and give up its rights: root may, where the container that it is in lets it.</summary>
    public static void MountNamespace()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || Programs.Find("unshare") is null || Programs.Find("setpriv") is null)
            Absent("a root that is read-only is made by root on Linux, with unshare and setpriv");
        using var trial = System.Diagnostics.Process.Start("unshare", ["--mount", "mount", "--make-rprivate", "/"])!;
        trial.WaitForExit();
        if (trial.ExitCode != 0)
            Absent("this container does not let root have mounts of its own");
    }

    private static string Absent(string reason)
    {
        Assert.Skip(reason);
        return "";
    }

    private static string Program(string name, string hint) => Programs.Find(name) ?? Missing<string>($"{name} is not installed", hint);

    private static T Missing<T>(string what, string hint)
    {
        var reason = $"{what} ({hint})";
        if (Environment.GetEnvironmentVariable("DETECTOR_REQUIRE_COMPONENTS") is "1")
            Assert.Fail(reason);
        Assert.Skip(reason);
        return default!;
    }
}
