using System.Text;
using Detector.Adapters.Aws.S3;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Aws.S3;

public sealed class ObjectCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cache-").FullName;

    private static readonly string[] Hostile =
    [
        "../../etc/passwd",
        "..",
        ".",
        "/",
        "//",
        "/etc/passwd",
        "a/../../b",
        "a/./b",
        "a//b",
        "a/b",
        "a",
        "a~b",
        "a~",
        ".partial-1-1",
        ".hidden",
        "C:\\windows\\x",
        "..\\..\\x",
        "a%2Fb",
        "a%b",
        "%",
        "%%",
        "tab\tline\nnul\0end",
        "\u202Eevil",
        "ünï/cödé",
        "dot.",
        "dot%2E",
        "CON",
        new string('x', 1024),
        new string('x', 1023) + "y",
        new string('ü', 512),
        string.Join('/', Enumerable.Repeat("..", 300)),
        string.Join('/', Enumerable.Repeat("é", 340)),
        string.Join('/', Enumerable.Repeat("é", 339)) + "/e",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AddAsync_HostileKeys_StayInsideApartAndAreFoundAgain()
    {
        var cache = ObjectCache.Open(_folder, TimeProvider.System);

        foreach (var key in Hostile)
            await AddAsync(cache, Name(key), key);

        Assert.All(
            Hostile,
            key =>
            {
                var path = cache.PathOf(Name(key));
                Assert.StartsWith(_folder + Path.DirectorySeparatorChar, Path.GetFullPath(path), StringComparison.Ordinal);
                Assert.DoesNotContain(path[_folder.Length..].Split(Path.DirectorySeparatorChar), part => part.StartsWith('.') || part.Length > 255);
                Assert.Equal(key, File.ReadAllText(path));
            }
        );
        Assert.Equal(Hostile.Length, Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void PathOf_RandomKeys_NeverTheSame()
    {
        var cache = ObjectCache.Open(_folder, TimeProvider.System);
        var random = new Random(7);
        var keys = Enumerable
            .Range(0, 20_000)
            .Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => "./%~aB\\ "[random.Next(8)])]))
            .ToHashSet(StringComparer.Ordinal);

        var paths = keys.Select(key => cache.PathOf(Name(key))).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(keys.Count, paths.Count);
        Assert.All(paths, path => Assert.Equal(path, Path.GetFullPath(path)));
    }

    [Fact]
    public void PathOf_AnotherBucketOrETag_IsAnotherPlace()
    {
        var cache = ObjectCache.Open(_folder, TimeProvider.System);

        Assert.Distinct([cache.PathOf(new("one", "k", "\"1\"")), cache.PathOf(new("two", "k", "\"1\"")), cache.PathOf(new("one", "k", "\"2\""))]);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("much too long")]
    public async Task AddAsync_ContentOfAnotherLength_IsNotKept(string content)
    {
        var cache = ObjectCache.Open(_folder, TimeProvider.System);

        await Assert.ThrowsAsync<IOException>(() =>
            cache.AddAsync(Name("k"), 6, new MemoryStream(Encoding.UTF8.GetBytes(content)), TestContext.Current.CancellationToken)
        );

        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Open_PartialsOfTheDead_AreSweptAndThoseOfTheLivingStay()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        File.WriteAllText(Path.Combine(_folder, ".partial-1-1"), "");
        ObjectCache.Open(_folder, clock);
        Assert.Single(Directory.GetFiles(_folder));

        clock.Advance(TimeSpan.FromDays(2));
        ObjectCache.Open(_folder, clock);

        Assert.Empty(Directory.GetFiles(_folder));
    }

    private static S3Name Name(string key) => new("bucket", key, "\"0123\"");

    private static async Task AddAsync(ObjectCache cache, S3Name name, string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        await using var file = await cache.AddAsync(name, bytes.Length, new MemoryStream(bytes), TestContext.Current.CancellationToken);
        Assert.Equal(bytes.Length, file.Length);
    }
}
