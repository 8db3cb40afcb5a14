using Detector.Adapters.Files;

namespace Detector.Tests.Adapters.Files;

public sealed class RuleFolderTests : IDisposable
{
    private const string Good = "title: good\nlogsource: {product: aws}\ndetection: {s: {eventName: A}, condition: s}\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("rules-").FullName;

    [Fact]
    public void Load_BadFileBesideGoodOnes_RefusesItAloneByPlace()
    {
        Write("a/one.yml", Good);
        Write("a/bad.yml", "title: bad\nlogsource: {product: aws}\ndetection:\n  s:\n    eventName|sounds: A\n  condition: s\n");
        Write("b/two.yaml", Good);

        var loaded = RuleFolder.Load([_folder]);

        Assert.Equal(2, loaded.Rules.Count);
        var error = Assert.Single(loaded.Errors);
        Assert.Equal((5, 5), (error.Place.Line, error.Place.Column));
        Assert.EndsWith("bad.yml", error.Place.File, StringComparison.Ordinal);
        Assert.Contains("unknown modifier 'sounds'", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DottedAndOtherFiles_PassesThemOver()
    {
        Write("..data/old.yml", Good);
        Write(".hidden.yml", Good);
        Write("cases/fires.json", "{}");
        Write("rule.yml", Good);

        var loaded = RuleFolder.Load([_folder]);

        Assert.Single(loaded.Rules);
        Assert.Empty(loaded.Errors);
    }

    [Fact]
    public void Load_RuleForAnotherLogSource_SkipsItWithReason()
    {
        Write("windows.yml", Good.Replace("product: aws", "product: windows", StringComparison.Ordinal));

        var loaded = RuleFolder.Load([_folder]);

        Assert.Empty(loaded.Rules);
        Assert.Empty(loaded.Errors);
        Assert.Contains("windows", Assert.Single(loaded.Skipped).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x00 }, "not UTF-8")]
    [InlineData(new byte[] { (byte)'a', (byte)':', (byte)'\t', (byte)'[' }, "not YAML")]
    public void Load_Garbage_IsAnErrorOfThatFile(byte[] content, string reason)
    {
        File.WriteAllBytes(Path.Combine(_folder, "garbage.yml"), content);

        var loaded = RuleFolder.Load([_folder]);

        Assert.Contains(reason, Assert.Single(loaded.Errors).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingFolder_IsAnErrorOfThatFolder()
    {
        var loaded = RuleFolder.Load([Path.Combine(_folder, "nowhere")]);

        Assert.EndsWith("nowhere", Assert.Single(loaded.Errors).Place.File, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string path, string text)
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
