using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Detector.Tests;

/// <summary>
/// A document that is followed word for word: each file that it gives by "`name`:" is saved, each block of commands is run by a shell with the program itself, and
/// the block of text behind one is what it answers. With DETECTOR_WRITE_DOCS=1 the answers are written anew in place of being compared.
/// </summary>
internal static partial class Walkthrough
{
    /// <summary>Follows docs/NAME, or only what stands between two of its comments.</summary>
    /// <param name="name">The document.</param>
    /// <param name="folder">Where files are saved and commands are run.</param>
    /// <param name="part">What the comments are named; null for all of it.</param>
    public static async Task FollowAsync(string name, string folder, string? part = null)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the commands are for a POSIX shell");
        var path = Repository.PathOf("docs", name);
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var (start, end) = part is null
            ? (0, text.Length)
            : (text.IndexOf($"<!-- {part}: begin -->", StringComparison.Ordinal), text.IndexOf($"<!-- {part}: end -->", StringComparison.Ordinal));
        using var shell = new CommandShell();
        var written = text;
        var answer = "";
        var commands = 0;
        foreach (Match block in Block().Matches(text))
        {
            if (block.Index < start || block.Index > end)
                continue;
            var body = block.Groups["body"];
            switch (block.Groups["language"].Value)
            {
                case "sh":
                    Assert.Equal("", answer);
                    commands++;
                    answer = await shell.RunAsync(body.Value, folder);
                    break;
                case "text":
                    written = string.Concat(written.AsSpan(0, body.Index + written.Length - text.Length), answer, text.AsSpan(body.Index + body.Length));
                    answer = "";
                    break;
                default:
                    var file = Path.Combine(folder, block.Groups["file"].Value);
                    Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                    await File.WriteAllTextAsync(file, body.Value, TestContext.Current.CancellationToken);
                    break;
            }
        }
        Assert.Equal("", answer);
        Assert.NotEqual(0, commands);
        if (Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
            await File.WriteAllTextAsync(path, written, TestContext.Current.CancellationToken);
        else
            Assert.Equal(text, written);
    }

    [GeneratedRegex(
        "(`(?<file>[^`\n]+)`:\n\n)?^```(?<language>[a-z]+)\n(?<body>(.*\n)*?)^```$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Block();

    /// <summary>A shell that knows the program as <c>detector</c>.</summary>
    private sealed class CommandShell : IDisposable
    {
        private readonly string _programs = Directory.CreateTempSubdirectory("programs-").FullName;

        public CommandShell()
        {
            var program = Path.Combine(_programs, "detector");
            File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "detector.dll")}' \"$@\"\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        /// <summary>Runs commands, all of which must succeed; returns what they write, to either output.</summary>
        public async Task<string> RunAsync(string commands, string folder)
        {
            var start = new ProcessStartInfo("/bin/sh", ["-e", "-c", $"exec 2>&1\n{commands}"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            start.Environment["PATH"] = $"{_programs}{Path.PathSeparator}{start.Environment["PATH"]}";
            using var process = Process.Start(start)!;
            try
            {
                var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.True(process.ExitCode == 0, $"{commands}ends with {process.ExitCode}:\n{output}");
                return output;
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }

        public void Dispose() => Directory.Delete(_programs, recursive: true);
    }
}
