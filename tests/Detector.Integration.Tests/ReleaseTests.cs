using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;

namespace Detector.Integration.Tests;

/// <summary>The release script in a repository of its own, with a program that only tells its version: <c>.ci/run</c> gives it the real one.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReleaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-release-");

    public ReleaseTests()
    {
        Requires.Git();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the script makes the archive for Linux, on Linux");
        Write("scripts/release", File.ReadAllText(Repository.PathOf("scripts", "release")), isProgram: true);
        foreach (var file in new[] { "README.md", "LICENSE", "docs/a.md", "infra/b.tf", "src/not-shipped.cs" })
            Write(file, "text\n");
        Write(".gitignore", "made/\n");
        Git("init", "--quiet");
        Git("add", ".");
        Git("commit", "--quiet", "--message", "a commit");
    }

    private string Commit => Git("rev-parse", "HEAD").Trim();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Release_TaggedCommit_HoldsProgramRulesAndDocuments()
    {
        Git("tag", "v1.2.3");
        MakeProgram($"1.2.3+{Commit}");

        var release = Release();

        Assert.Equal((0, ""), (release.Code, release.Error));
        Assert.Contains("docker build --build-arg VERSION=1.2.3 --tag REGISTRY/detector:1.2.3 .", release.Out, StringComparison.Ordinal);
        var entries = Entries("made/release/detector-1.2.3-linux-x64.tar.gz");
        Assert.Equal(
            ["LICENSE", "README.md", "detector", "docs/a.md", "infra/b.tf", "rules/r/rule.yml"],
            entries.Where(entry => entry.EntryType == TarEntryType.RegularFile).Select(entry => entry.Name["detector-1.2.3-linux-x64/".Length..])
        );
        Assert.All(entries, entry => Assert.Equal((0, 0), (entry.Uid, entry.Gid)));
        Assert.True(entries.Single(entry => entry.Name.EndsWith("/detector", StringComparison.Ordinal)).Mode.HasFlag(UnixFileMode.OtherExecute));
    }

    [Fact]
    public void Release_SameInputAtAnotherTimeAndByAnother_SameBytes()
    {
        MakeProgram("1.2.4-alpha.0.1");
        Release("--snapshot", "--output", "made/first");
        foreach (var file in Directory.EnumerateFiles(PathOf("made/program"), "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) & (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        }

        Release("--snapshot", "--output", "made/second");

        Assert.Equal(File.ReadAllText(PathOf("made/first/SHA256SUMS")), File.ReadAllText(PathOf("made/second/SHA256SUMS")));
        Assert.Equal(0, Run("sha256sum", ["--check", "--quiet", "SHA256SUMS"], PathOf("made/second")).Code);
    }

    [Fact]
    public void Release_ProgramOfAnotherCommit_IsRefused()
    {
        Git("tag", "v1.2.3");
        MakeProgram("1.2.2+0123456789");

        var release = Release();

        Assert.Equal(2, release.Code);
        Assert.Contains("the program is 1.2.2+0123456789, and the tag v1.2.3", release.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("made/release")));
    }

    [Fact]
    public void Release_CommitWithoutTag_IsRefused()
    {
        MakeProgram("1.2.3");

        var release = Release();

        Assert.Equal(2, release.Code);
        Assert.Contains("has no tag such as v1.2.3", release.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Release_ChangesThatNoCommitHolds_AreRefused()
    {
        Git("tag", "v1.2.3");
        MakeProgram($"1.2.3+{Commit}");
        Write("README.md", "changed\n");

        var release = Release();

        Assert.Equal(2, release.Code);
        Assert.Contains("changes that no commit holds", release.Error, StringComparison.Ordinal);
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    private void Write(string file, string text, bool isProgram = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
        if (isProgram)
            File.SetUnixFileMode(PathOf(file), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void MakeProgram(string version)
    {
        Write("made/program/detector", $"#!/bin/sh\necho {version}\n", isProgram: true);
        Write("made/program/detector.dbg", "symbols");
        Write("made/program/Detector.Core.pdb", "symbols");
        Write("made/program/rules/r/rule.yml", "title: R\n");
    }

    private (int Code, string Out, string Error) Release(params string[] arguments) =>
        Run(PathOf("scripts/release"), ["--program", "made/program", "--output", "made/release", .. arguments], _folder.FullName);

    private string Git(params string[] arguments)
    {
        string[] somebody = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgSign=false"];
        var git = Run("git", [.. somebody, .. arguments], _folder.FullName);
        Assert.Equal((0, ""), (git.Code, git.Error));
        return git.Out;
    }

    private static (int Code, string Out, string Error) Run(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("SOURCE_DATE_EPOCH");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private List<TarEntry> Entries(string archive)
    {
        using var file = new GZipStream(File.OpenRead(PathOf(archive)), CompressionMode.Decompress);
        using var tar = new TarReader(file);
        var entries = new List<TarEntry>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
            entries.Add(entry);
        return entries;
    }
}
