using System.Collections.Concurrent;
using Amazon.S3;
using Amazon.S3.Model;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Files;
using Detector.Core.Events;

namespace Detector.Integration.Tests.Aws;

public sealed class S3ArchiveTests(Emulator emulator) : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 10, 28, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("detector-s3-").FullName;
    private readonly ConcurrentBag<UnreadFile> _unread = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "")]
    [InlineData("", "AWSLogs/")]
    [InlineData("", "AWSL")]
    [InlineData("org/trail/", "")]
    [InlineData("org/trail/", "org/trail/AWSLogs/")]
    [InlineData("a/b/c/d/e/", "")]
    public async Task ListAsync_Everything_GivesEveryTrailFileOnceInOrderAndWhole(string made, string prefix)
    {
        var (archive, bucket) = await MakeAsync(made, days: 5);
        using var s3 = new CountingS3(emulator.Address);

        var items = await ReadAsync(Archive(s3, bucket, prefix));

        Assert.Equal(Wanted(archive, bucket), items.Select(item => item.Name));
        Assert.All(items, item => Assert.Equal(archive.Files[item.Name[$"s3://{bucket}/".Length..]], item.Content));
        Assert.Equal(items.Count, s3.Fetched.Count);
        Assert.Empty(_unread);
    }

    [Fact]
    public async Task ListAsync_Scope_NeitherListsNorFetchesWhatCannotMatter()
    {
        var (archive, bucket) = await MakeAsync("", days: 10);
        using var s3 = new CountingS3(emulator.Address);
        var within = new TimeRange(Start.AddDays(3), Start.AddDays(5).AddTicks(-1));
        var scope = new TrailScope(within, [MadeArchive.First], ["us-east-1"]);

        var items = await ReadAsync(Archive(s3, bucket, "", scope));

        // Days 3 and 4, and the next for what was delivered late; October ends between them.
        var folders = Enumerable.Range(3, 3).Select(day => $"AWSLogs/{MadeArchive.First}/CloudTrail/us-east-1/{Start.AddDays(day):yyyy'/'MM'/'dd}/").ToList();
        Assert.Equal(Wanted(archive, bucket).Where(name => folders.Exists(name.Contains)), items.Select(item => item.Name));
        Assert.Equal(6, s3.Fetched.Count);
        // Days are listed side by side.
        Assert.Equal(folders, s3.Listed.Where(prefix => TrailPath.Of(prefix).Depth is TrailDepth.Day).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(s3.Listed, prefix => prefix.Contains(MadeArchive.Second) || prefix.Contains("eu-west-1") || prefix.Contains("Digest"));
    }

    [Fact]
    public async Task ListAsync_MonthInsideTheRange_IsListedFlat()
    {
        var (_, bucket) = await MakeAsync("", days: 10);
        using var s3 = new CountingS3(emulator.Address);

        await ReadAsync(Archive(s3, bucket, "", TrailScope.All with { Within = new TimeRange(Start.AddMonths(-2), Start.AddMonths(3)) }));

        Assert.DoesNotContain(s3.Listed, prefix => TrailPath.Of(prefix).Depth is TrailDepth.Day);
    }

    [Fact]
    public async Task ListAsync_ReaderThatOpensNothingBeforeTheEnd_IsNotHeldUp()
    {
        var (archive, bucket) = await MakeAsync("", days: 5);
        using var s3 = new CountingS3(emulator.Address);
        var options = new S3ArchiveOptions(AheadBytes: 2_000, AheadObjects: 2);

        var items = await Archive(s3, bucket, "", options: options).ListAsync(_unread.Add, Cancellation).ToListAsync(Cancellation);

        Assert.All(items, item => Assert.Equal(archive.Files[item.Name[$"s3://{bucket}/".Length..]], Content(item)));
    }

    [Fact]
    public async Task Open_AheadWindow_IsNeverExceeded()
    {
        var (_, bucket) = await MakeAsync("", days: 5);
        using var s3 = new CountingS3(emulator.Address);
        var options = new S3ArchiveOptions(AheadBytes: 1 << 20, AheadObjects: 3);
        var opened = 0;

        await foreach (var item in Archive(s3, bucket, "", options: options).ListAsync(_unread.Add, Cancellation))
        {
            Assert.InRange(s3.Fetched.Count - opened, 0, 3);
            Content(item);
            opened++;
        }

        Assert.Equal(40, opened);
    }

    [Fact]
    public async Task Open_DeniedObject_IsAnErrorAndTheOthersAreThere()
    {
        var (archive, bucket) = await MakeAsync("", days: 2);
        var denied = archive.Files.Keys.First(key => key.Contains("/CloudTrail/"));
        using var s3 = new CountingS3(emulator.Address) { Denies = name => name == denied };
        var failed = new List<string>();

        await foreach (var item in Archive(s3, bucket, "").ListAsync(_unread.Add, Cancellation))
        {
            try
            {
                Content(item);
            }
            catch (IOException e)
            {
                Assert.Contains("AccessDenied (HTTP 403)", e.Message);
                failed.Add(item.Name);
            }
        }

        Assert.Equal([$"s3://{bucket}/{denied}"], failed);
    }

    [Fact]
    public async Task ListAsync_DeniedFolder_IsToldAndTheOthersAreThere()
    {
        var (archive, bucket) = await MakeAsync("", days: 2);
        using var s3 = new CountingS3(emulator.Address) { Denies = name => name.EndsWith($"{MadeArchive.First}/CloudTrail/", StringComparison.Ordinal) };

        var items = await ReadAsync(Archive(s3, bucket, ""));

        Assert.Equal(Wanted(archive, bucket).Where(name => name.Contains($"AWSLogs/{MadeArchive.Second}")), items.Select(item => item.Name));
        var unread = Assert.Single(_unread);
        Assert.Equal($"s3://{bucket}/AWSLogs/{MadeArchive.First}/CloudTrail/", unread.Path);
        Assert.Contains("AccessDenied", unread.Reason);
    }

    [Fact]
    public async Task Open_ConnectionThatBreaks_IsTakenUpWhereItEnded()
    {
        var bucket = await emulator.CreateBucketAsync();
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        await PutAsync(bucket, "large", content);
        using var s3 = new CountingS3(emulator.Address);
        s3.Wraps = (request, stream) => s3.Fetched.Count < 4 ? new Breaking(stream, after: 70_000) : stream;
        var options = new S3ArchiveOptions(AheadBytes: 1_000);

        var item = Assert.Single(await ReadAsync(Archive(s3, bucket, "", options: options)));

        Assert.Equal(content, item.Content);
        Assert.Equal(4, s3.Fetched.Count);
    }

    [Fact]
    public async Task Open_ObjectReplacedSinceListed_IsAnError()
    {
        var bucket = await emulator.CreateBucketAsync();
        await PutAsync(bucket, "a", "old"u8.ToArray());
        using var s3 = new CountingS3(emulator.Address);
        var items = await Archive(s3, bucket, "", options: new S3ArchiveOptions(AheadBytes: 0)).ListAsync(_unread.Add, Cancellation).ToListAsync(Cancellation);
        await PutAsync(bucket, "a", "new"u8.ToArray());

        var error = Assert.ThrowsAny<IOException>(() => Content(items[0]));

        Assert.Contains("PreconditionFailed", error.Message);
    }

    [Fact]
    public async Task Cache_InterruptedAndTakenUp_FetchesTheRestOnlyAndGivesTheSame()
    {
        var (archive, bucket) = await MakeAsync("", days: 5);
        using var s3 = new CountingS3(emulator.Address);
        using var interrupt = new CancellationTokenSource();
        var options = new S3ArchiveOptions(AheadObjects: 2);
        var read = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in Archive(s3, bucket, "", options: options, cached: true).ListAsync(_unread.Add, interrupt.Token))
            {
                Content(item);
                if (++read == 11)
                    await interrupt.CancelAsync();
            }
        });
        // What was under way is given up; what of it was asked for only then is none of the second reading.
        await Eventually.TrueAsync(() => Directory.GetFiles(_folder, ".partial-*").Length == 0, "nothing is under way");
        var kept = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Length;
        using var rest = new CountingS3(emulator.Address);

        var again = await ReadAsync(Archive(rest, bucket, "", options: options, cached: true));

        Assert.InRange(kept, 11, s3.Fetched.Count);
        Assert.Equal(40 - kept, rest.Fetched.Count);
        Assert.Equal(Wanted(archive, bucket), again.Select(item => item.Name));
        Assert.All(again, item => Assert.Equal(archive.Files[item.Name[$"s3://{bucket}/".Length..]], item.Content));
    }

    [Fact]
    public async Task Cache_ChangedObjectOrDamagedFile_IsFetchedAnew()
    {
        var bucket = await emulator.CreateBucketAsync();
        await PutAsync(bucket, "a", "first"u8.ToArray());
        await PutAsync(bucket, "b", "whole"u8.ToArray());
        using var s3 = new CountingS3(emulator.Address);
        await ReadAsync(Archive(s3, bucket, "", cached: true));
        await PutAsync(bucket, "a", "other"u8.ToArray());
        await File.WriteAllTextAsync(Directory.GetFiles(Path.Combine(_folder, bucket), "b~*").Single(), "cut", Cancellation);

        var items = await ReadAsync(Archive(s3, bucket, "", cached: true));

        Assert.Equal(["other", "whole"], items.Select(item => System.Text.Encoding.UTF8.GetString(item.Content)));
        Assert.Equal(["a", "a", "b", "b"], s3.Fetched.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cache_Folder_IsPrivateAndCanBeReadByItself()
    {
        var (archive, bucket) = await MakeAsync("", days: 2);
        using var s3 = new CountingS3(emulator.Address);
        await ReadAsync(Archive(s3, bucket, "", cached: true));

        var items = await ReadAsync(new TrailFiles([_folder], TrailScope.All with { Accounts = [MadeArchive.First] }));

        Assert.Equal(
            archive.Files.Where(file => file.Key.Contains($"AWSLogs/{MadeArchive.First}/CloudTrail/")).Select(file => file.Value),
            items.Select(item => item.Content)
        );
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        foreach (var folder in Directory.GetDirectories(_folder, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    private async Task<(MadeArchive Archive, string Bucket)> MakeAsync(string prefix, int days)
    {
        await emulator.RequireAsync();
        var archive = MadeArchive.Make(prefix, Start, days);
        var bucket = await emulator.CreateBucketAsync();
        await archive.UploadAsync(emulator.S3, bucket);
        return (archive, bucket);
    }

    private static IEnumerable<string> Wanted(MadeArchive archive, string bucket) =>
        archive.Files.Keys.Where(key => key.Contains("/CloudTrail/")).Select(key => $"s3://{bucket}/{key}");

    private S3Archive Archive(IAmazonS3 s3, string bucket, string prefix, TrailScope? scope = null, S3ArchiveOptions? options = null, bool cached = false) =>
        new(
            s3,
            new S3Place(bucket, prefix),
            scope ?? TrailScope.All,
            options ?? new S3ArchiveOptions(),
            cached ? ObjectCache.Open(_folder, TimeProvider.System) : null,
            TimeProvider.System,
            new Random(1)
        );

    private async Task<List<(string Name, byte[] Content)>> ReadAsync(ITrailArchive archive)
    {
        var read = new List<(string, byte[])>();
        await foreach (var item in archive.ListAsync(_unread.Add, Cancellation))
            read.Add((item.Name, Content(item)));
        return read;
    }

    private static byte[] Content(TrailItem item)
    {
        using var stream = item.Open(Cancellation);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private async Task PutAsync(string bucket, string key, byte[] content) =>
        await emulator.S3.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                InputStream = new MemoryStream(content),
            },
            Cancellation
        );

    /// <summary>Breaks after so many bytes.</summary>
    private sealed class Breaking(Stream inner, int after) : Stream
    {
        private int _left = after;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_left == 0)
                throw new IOException("the connection was reset");
            var read = inner.Read(buffer, offset, Math.Min(count, _left));
            _left -= read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
