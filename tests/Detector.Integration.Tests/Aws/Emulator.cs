using System.ComponentModel;
using System.Diagnostics;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SQS;
using Amazon.SQS.Model;
using Detector.Adapters.Aws;

[assembly: AssemblyFixture(typeof(Detector.Integration.Tests.Aws.Emulator))]

namespace Detector.Integration.Tests.Aws;

/// <summary>
/// The emulator of SQS, SNS and S3, one process for the whole run, started by the first test that asks for it. Each test makes its own queues and
/// topics. Where Node is missing, the tests are skipped with the reason.
/// </summary>
public sealed class Emulator : IAsyncDisposable
{
    public static readonly BasicAWSCredentials Credentials = new("test", "test");

    private readonly Lazy<Task<string?>> _start;
    private readonly HttpClient _http = new();
    private readonly int _port;
    private Process? _node;
    private int _names;

    public Emulator()
        : this(0) { }

    private Emulator(int port)
    {
        _port = port;
        _start = new(StartAsync);
    }

    /// <summary>One of a test's own, at a port to which it comes back.</summary>
    internal static Emulator OfOneTest() => new(Ports.Free());

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public AwsPlace Place => new("us-east-1", Address.OriginalString);

    public IAmazonSQS Sqs { get; private set; } = null!;

    public IAmazonS3 S3 { get; private set; } = null!;

    /// <summary>Starts the emulator unless it runs; skips the test if it cannot be started here.</summary>
    public async Task RequireAsync()
    {
        if (await _start.Value is { } missing)
            Assert.Skip(missing);
    }

    public string NewName(string kind) => $"{kind}-{Interlocked.Increment(ref _names)}";

    /// <returns>The queue's URL.</returns>
    public async Task<string> CreateQueueAsync(string? deadLetterUrl = null, int maxReceiveCount = 3)
    {
        await RequireAsync();
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (deadLetterUrl is not null)
            attributes["RedrivePolicy"] = $$"""{"deadLetterTargetArn":"{{await ArnAsync(deadLetterUrl)}}","maxReceiveCount":{{maxReceiveCount}}}""";
        return (await Sqs.CreateQueueAsync(new CreateQueueRequest { QueueName = NewName("queue"), Attributes = attributes })).QueueUrl;
    }

    /// <summary>Messages waiting, in work, and delayed.</summary>
    public async Task<int> CountAsync(string queueUrl)
    {
        var counted = await Sqs.GetQueueAttributesAsync(queueUrl, ["All"]);
        return counted.ApproximateNumberOfMessages + counted.ApproximateNumberOfMessagesNotVisible + counted.ApproximateNumberOfMessagesDelayed;
    }

    /// <returns>The bucket's name.</returns>
    public async Task<string> CreateBucketAsync()
    {
        await RequireAsync();
        var bucket = NewName("bucket");
        await S3.PutBucketAsync(bucket);
        return bucket;
    }

    /// <returns>The topic's ARN.</returns>
    public async Task<string> CreateTopicAsync()
    {
        await RequireAsync();
        return await SnsAsync("TopicArn", ("Action", "CreateTopic"), ("Name", NewName("topic")));
    }

    /// <returns>The URL of a new queue that gets what is published to the topic.</returns>
    public async Task<string> SubscribeAsync(string topicArn, bool raw, string? filterPolicy = null)
    {
        var queueUrl = await CreateQueueAsync();
        List<(string, string)> parameters =
        [
            ("Action", "Subscribe"),
            ("TopicArn", topicArn),
            ("Protocol", "sqs"),
            ("Endpoint", await ArnAsync(queueUrl)),
            ("Attributes.entry.1.key", "RawMessageDelivery"),
            ("Attributes.entry.1.value", raw ? "true" : "false"),
        ];
        if (filterPolicy is not null)
            parameters.AddRange([("Attributes.entry.2.key", "FilterPolicy"), ("Attributes.entry.2.value", filterPolicy)]);
        await SnsAsync("SubscriptionArn", [.. parameters]);
        return queueUrl;
    }

    /// <summary>SIGKILL. What was in it is lost.</summary>
    public async Task KillAsync()
    {
        _node!.Kill();
        await EndAsync();
    }

    /// <summary>Another in the place of one that was killed; names begin anew, so that the same calls make the same queues and topics.</summary>
    public async Task StartAgainAsync()
    {
        Assert.Null(await StartAsync());
        _names = 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            _node.StandardInput.Close();
            await EndAsync();
        }
        _http.Dispose();
    }

    private async Task EndAsync()
    {
        Sqs?.Dispose();
        S3?.Dispose();
        await _node!.WaitForExitAsync();
        _node.Dispose();
    }

    private async Task<string> ArnAsync(string queueUrl) => (await Sqs.GetQueueAttributesAsync(queueUrl, ["QueueArn"])).QueueARN;

    private async Task<string> SnsAsync(string answer, params (string Name, string Value)[] parameters)
    {
        using var form = new FormUrlEncodedContent(parameters.Select(one => KeyValuePair.Create(one.Name, one.Value)));
        using var response = await _http.PostAsync(Address, form);
        var xml = XDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return xml.Descendants().Single(element => string.Equals(element.Name.LocalName, answer, StringComparison.Ordinal)).Value;
    }

    /// <returns>Why it cannot be started here, or null.</returns>
    private async Task<string?> StartAsync()
    {
        var folder = Testing.Repository.PathOf("tests", "Detector.Integration.Tests", "emulator");
        if (await InstallAsync(folder) is { } missing)
            return missing;
        _node = Start(folder, "node", "start.mjs", $"{_port}");
        if (_node is null)
            return "Node is not on the path, and the emulator of SQS, SNS and S3 runs on it";
        if (await _node.StandardOutput.ReadLineAsync() is not { } address)
            return $"the emulator of SQS, SNS and S3 did not start: {await _node.StandardError.ReadToEndAsync()}";
        Address = new Uri(address);
        Sqs = AwsClients.Sqs(Place, Credentials);
        S3 = AwsClients.S3(Place, Credentials);
        return null;
    }

    /// <summary>Installs the package once; test processes that run at the same time wait for each other.</summary>
    private static async Task<string?> InstallAsync(string folder)
    {
        await using var mine = await LockAsync(Path.Combine(Path.GetTempPath(), "detector-emulator.lock"));
        if (Directory.Exists(Path.Combine(folder, "node_modules", "fauxqs")))
            return null;
        using var npm = Start(folder, OperatingSystem.IsWindows() ? "npm.cmd" : "npm", "ci", "--no-audit", "--no-fund");
        if (npm is null)
            return "Node and npm are not on the path, and the emulator of SQS, SNS and S3 runs on them";
        var said = npm.StandardOutput.ReadToEndAsync();
        var complaint = npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        return npm.ExitCode == 0 ? null : $"npm could not install the emulator of SQS, SNS and S3: {await complaint}{await said}";
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static Process? Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
