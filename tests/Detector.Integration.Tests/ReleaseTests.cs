using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Text.Json;

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
        Requires.Jq();
        Write("scripts/third-party-notices", File.ReadAllText(Repository.PathOf("scripts", "third-party-notices")), isProgram: true);
        WritePackages("MIT");
        foreach (var file in new[] { "README.md", "LICENSE", "docs/a.md", "infra/b.tf", "src/not-shipped.cs" })
            Write(file, "text\n");
        Write(".gitignore", "made/\nobj/\n");
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
            ["LICENSE", "README.md", "THIRD-PARTY-NOTICES", "detector", "docs/a.md", "infra/b.tf", "rules/r/rule.yml"],
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

    [Fact]
    public void Notices_OfAPackageInTheProgram_HoldItsCopyrightAndTextsAndThoseOfNoTool()
    {
        var notices = Run(PathOf("scripts/third-party-notices"), [], _folder.FullName);

        Assert.Equal((0, ""), (notices.Code, notices.Error));
        Assert.Contains(
            "\nUseful.Part 1.2.0\n=================\nCopyright (c) Somebody & Sons\nMIT:\n\nPermission is hereby granted",
            notices.Out,
            StringComparison.Ordinal
        );
        Assert.Contains("\nwhat Useful.Part is made of\n", notices.Out, StringComparison.Ordinal);
        Assert.Contains("\nuPlot 1.6.32\n", notices.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Some.Analyzer", notices.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Release_PackageWhoseLicenceIsNotKnown_IsRefused()
    {
        MakeProgram("1.2.4-alpha.0.1");
        WritePackages("Unheard-of-1.0");

        var release = Release("--snapshot");

        Assert.Equal(2, release.Code);
        Assert.Contains("Useful.Part/1.2.0 has the licence 'Unheard-of-1.0', which is not known here", release.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("made/release")));
    }

    [Fact]
    public void Notices_OfTheRealProgram_NameEveryPackageThatItRunsWith()
    {
        var built = Path.ChangeExtension(Live.DetectorProcess.Program, ".deps.json");
        using var json = JsonDocument.Parse(File.ReadAllText(built));
        var packages = json
            .RootElement.GetProperty("targets")
            .EnumerateObject()
            .Single()
            .Value.EnumerateObject()
            .Where(library =>
                library.Value.TryGetProperty("runtime", out _)
                && json.RootElement.GetProperty("libraries").GetProperty(library.Name).GetProperty("type").GetString() == "package"
            )
            .Select(library => library.Name.Replace('/', ' '))
            .ToList();

        var notices = Run(Repository.PathOf("scripts", "third-party-notices"), [], Repository.Root);

        Assert.Equal((0, ""), (notices.Code, notices.Error));
        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.Contains($"\n{package}\n===", notices.Out, StringComparison.Ordinal));
        Assert.Contains("\nMicrosoft.NETCore.App.Runtime.NativeAOT.linux-x64 ", notices.Out, StringComparison.Ordinal);
    }

    /// <summary>What a restore leaves: a package that is in the program, and one that only helps to make it.</summary>
    private void WritePackages(string licence)
    {
        Write(
            "src/Detector.App/obj/project.assets.json",
            $$"""
            {
              "targets": {
                "net10.0": {},
                "net10.0/linux-x64": {
                  "Some.Analyzer/3.0.0": { "type": "package" },
                  "Useful.Part/1.2.0": { "type": "package", "runtime": { "lib/net10.0/Useful.Part.dll": {} } }
                }
              },
              "packageFolders": { "{{PathOf("made/packages")}}/": {} },
              "project": { "frameworks": { "net10.0": {} } }
            }
            """
        );
        Write(
            "made/packages/useful.part/1.2.0/useful.part.nuspec",
            $"<package><metadata>\n<license type=\"expression\">{licence}</license>\n<copyright>Copyright (c) Somebody &amp; Sons</copyright>\n</metadata></package>\n"
        );
        Write("made/packages/useful.part/1.2.0/THIRD-PARTY-NOTICES.TXT", "what Useful.Part is made of\r\n");
        Write("src/Detector.App/Reports/uPlot/LICENSE", "text\n");
        Write("src/Detector.App/Reports/uPlot/uPlot.iife.min.js", "/*! https://example.com/uPlot (v1.6.32) */\n");
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
