using Detector.Adapters.Files;

namespace Detector.Tests.Adapters.Files;

public sealed class TrailFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trails-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task List_FoldersAndFiles_InTheOrderOfNamesAndOnce()
    {
        string b = Write("x/b.gz", "12"),
            a = Write("x/a", "1"),
            deep = Write("x/y/c.json", "123");
        Write("x/.git/d.json", "");

        var items = await ListAsync(Path.Combine(_folder, "x"), a);

        Assert.Equal([(a, 1), (b, 2), (deep, 3)], items.Select(item => (item.Name, item.Size)));
    }

    [Fact]
    public async Task List_LinksThatLeadBack_WalksEachFolderOnce()
    {
        string a = Write("x/a", "1"),
            b = Write("x/y/b", "1");
        var elsewhere = Write("elsewhere/c", "1");
        foreach (var (link, target) in new[] { ("x/up", ".."), ("x/here", "."), ("x/y/back", ".."), ("x/y/there", "../../elsewhere") })
            Directory.CreateSymbolicLink(Path.Combine(_folder, link), target);

        var items = await ListAsync(Path.Combine(_folder, "x"));

        Assert.Equal(3, items.Count);
        Assert.Equal([a, b], items.Select(item => item.Name).Where(name => !name.EndsWith('c')));
        Assert.Contains(items, item => item.Name.EndsWith(Path.GetFileName(elsewhere), StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_WhatHasNoSizeInAFolder_IsNotOpened()
    {
        Write("x/pipe", "");

        var item = Assert.Single(await ListAsync(Path.Combine(_folder, "x")));

        Assert.Same(Stream.Null, item.Open(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task List_LinkToADevice_IsNotOpened()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "x"));
        File.CreateSymbolicLink(Path.Combine(_folder, "x/endless"), "/dev/zero");

        var item = Assert.Single(await ListAsync(Path.Combine(_folder, "x")));

        Assert.Same(Stream.Null, item.Open(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task List_FilesOfInsights_ArePassedOverUnlessNamed()
    {
        Write("x/AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/11/23/a.json", "1");
        var flat = Write("x/111122223333_CloudTrail-Insight_eu-west-1_20261123T0900Z_abc.json.gz", "1");
        var trail = Write("x/insight.json", "1");

        Assert.Equal([trail], (await ListAsync(Path.Combine(_folder, "x"))).Select(item => item.Name));
        Assert.Equal([flat], (await ListAsync(flat)).Select(item => item.Name));
    }

    [Fact]
    public async Task List_WhatTellsOfADigest_IsPassedOverUnlessNamed()
    {
        var head = Write("x/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/111122223333_CloudTrail-Digest_eu-west-1_20261123T090000Z.json.gz.head.json", "1");
        var trail = Write("x/some.head.json", "1");

        Assert.Equal([trail], (await ListAsync(Path.Combine(_folder, "x"))).Select(item => item.Name));
        Assert.Equal([head], (await ListAsync(head)).Select(item => item.Name));
    }

    [Fact]
    public async Task List_NoSuchFile_IsAnItemThatCannotBeOpened()
    {
        var item = Assert.Single(await ListAsync(Path.Combine(_folder, "nowhere")));

        Assert.Null(item.Size);
        Assert.Throws<FileNotFoundException>(() => item.Open(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Queue_Items_TheLargestFirstThenTheEnd()
    {
        Write("x/a", "1");
        Write("x/b", "123");
        Write("x/c", "12");
        using var queue = new TrailQueue();

        await queue.FillAsync(new TrailFiles([Path.Combine(_folder, "x")]), _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal((3, 6, true), (queue.Found, queue.Bytes, queue.IsComplete));
        Assert.Equal(["b", "c", "a"], Enumerable.Range(0, 3).Select(_ => Path.GetFileName(queue.Take(TestContext.Current.CancellationToken)?.Name)));
        // Every worker comes to the end.
        Assert.Null(queue.Take(TestContext.Current.CancellationToken));
        Assert.Null(queue.Take(TestContext.Current.CancellationToken));
    }

    private static async Task<List<TrailItem>> ListAsync(params string[] paths)
    {
        var items = new List<TrailItem>();
        await foreach (var item in new TrailFiles(paths).ListAsync(_ => Assert.Fail("all folders can be read"), TestContext.Current.CancellationToken))
            items.Add(item);
        return items;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
