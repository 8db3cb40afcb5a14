using System.Text;
using Detector.Adapters.Files;

namespace Detector.Tests.Files;

public sealed class TrailFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trails-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(9, 9, true)]
    [InlineData(10, 10, false)]
    [InlineData(11, 10, false)]
    public void Read_Limit_HoldsBackWhatIsBeyond(int limit, int expected, bool cut)
    {
        var path = Write("a", "0123456789");

        using var file = TrailFile.Read(path, limit, TestContext.Current.CancellationToken);

        Assert.Equal("0123456789"[..expected], Encoding.UTF8.GetString(file.Content.Span));
        Assert.Equal(cut, file.Problem is not null);
    }

    [Fact]
    public void Read_NoSuchFile_IsAProblem()
    {
        using var file = TrailFile.Read(Path.Combine(_folder, "nowhere"), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(0, file.Content.Length);
        Assert.Contains("nowhere", file.Problem?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_FoldersAndFiles_InTheOrderOfNamesAndOnce()
    {
        string b = Write("x/b.gz", ""),
            a = Write("x/a", ""),
            deep = Write("x/y/c.json", "");
        Write("x/.git/d.json", "");

        var files = TrailFiles.Find([Path.Combine(_folder, "x"), a], _ => Assert.Fail("all folders can be read"));

        Assert.Equal([a, b, deep], files);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
