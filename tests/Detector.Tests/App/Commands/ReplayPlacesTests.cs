using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Detector.App;

namespace Detector.Tests.App.Commands;

public sealed class ReplayPlacesTests : IDisposable
{
    private readonly Shell _shell = new();

    public ReplayPlacesTests() =>
        _shell.Write(
            "rules/rules.yml",
            "title: Key made\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: CreateKey}, condition: s}\nlevel: high\n"
        );

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData(false, "{\"Records\":[", "]}")]
    [InlineData(true, "{\"Records\":[", "]}")]
    [InlineData(false, "", "\n")]
    [InlineData(true, "", "")]
    public async Task Replay_StandardInput_IsReadInAnyShape(bool packed, string before, string after)
    {
        var text = Encoding.UTF8.GetBytes(before + Event("1") + after);
        _shell.In = packed ? Gzip(text) : text;

        var code = await ReplayAsync("-");

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(("1", "stdin"), Assert.Single(Found()));
    }

    [Fact]
    public async Task Replay_StandardInputBesideFiles_IsReadToo()
    {
        _shell.In = Encoding.UTF8.GetBytes(Event("1"));
        _shell.Write("t/a.json", Event("2"));

        await ReplayAsync("-", Path.Combine(_shell.Folder, "t"));

        Assert.Equal(["1", "2"], Found().Select(found => found.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Replay_DamagedStandardInput_IsTold()
    {
        _shell.In = Gzip(Encoding.UTF8.GetBytes(Event("1") + "\n"))[..^4];

        var code = await ReplayAsync("-");

        Assert.Equal(ExitCode.Partly, code);
        Assert.Contains("stdin: at byte", _shell.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--account 111122223333", "1 2 flat")]
    [InlineData("--region us-east-1", "1 flat")]
    [InlineData("--account 111122223333 --account 444455556666 --region eu-west-1", "2 3 flat")]
    [InlineData("--from 2026-11-10", "2 flat")]
    [InlineData("--to 2026-11-07", "3 flat")]
    public async Task Replay_FoldersInCloudTrailsLayout_AreReadAsFarAsTheyAreWanted(string scope, string expected)
    {
        // The records tell no time, so that only the folders leave anything out.
        _shell.Write("t/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/09/a.json", Event("1"));
        _shell.Write("t/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/10/b.json", Event("2"));
        _shell.Write("t/AWSLogs/444455556666/CloudTrail/eu-west-1/2026/11/08/c.json", Event("3"));
        _shell.Write("t/flat.json", Event("flat"));

        await ReplayAsync([Path.Combine(_shell.Folder, "t"), .. scope.Split(' ')]);

        Assert.Equal(expected, string.Join(' ', Found().Select(found => found.Id).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("s3://", "is no s3://bucket/prefix")]
    [InlineData("nowhere", "is neither a file nor a folder")]
    [InlineData("s3://bucket --account 12", "is no account of 12 digits")]
    [InlineData("s3://bucket --region Europe", "is no region such as eu-west-1")]
    [InlineData("- -", "can be read once")]
    [InlineData("- --enqueue https://sqs.eu-west-1.amazonaws.com/1/q", "--enqueue goes with s3:// alone")]
    [InlineData("--lookup-events --enqueue https://sqs.eu-west-1.amazonaws.com/1/q", "--enqueue goes with s3:// alone")]
    [InlineData("s3://bucket --service-url nonsense", "is no http or https URL")]
    [InlineData("", "Nothing to read")]
    public async Task Replay_WrongPlaces_AreRefused(string arguments, string reason)
    {
        var code = await ReplayAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(reason, _shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_CacheThatIsAFile_IsRefused()
    {
        var file = _shell.Write("cache", "");

        Assert.Equal(ExitCode.Usage, await ReplayAsync("s3://bucket", "--cache", file, "--service-url", "http://127.0.0.1:9"));
        Assert.Contains("--cache", _shell.Error, StringComparison.Ordinal);
    }

    private Task<int> ReplayAsync(params string[] arguments) =>
        _shell.RunAsync(["replay", .. arguments, "--output", "jsonl", "--rules", Path.Combine(_shell.Folder, "rules")]);

    private IEnumerable<(string? Id, string? File)> Found() =>
        from line in _shell.OutLines
        from one in JsonDocument.Parse(line).RootElement.GetProperty("events").EnumerateArray()
        select (one.GetProperty("eventID").GetString(), one.GetProperty("file").GetString());

    private static string Event(string id) => $$"""{"eventID":"{{id}}","eventName":"CreateKey","eventSource":"kms.amazonaws.com"}""";

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}
