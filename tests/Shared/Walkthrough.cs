using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Detector.Testing;

/// <summary>
/// A document that is followed word for word: each file that it gives by "`name`:" is saved, and its commands are run by one shell, from the first to the last,
/// with the program itself as <c>detector</c>. A block of text behind a block of commands is what they answer. With DETECTOR_WRITE_DOCS=1 the answers are written
/// anew in place of being compared.
/// </summary>
internal sealed partial class Walkthrough
{
    /// <summary>Stands in the shell's output between the answers of two blocks.</summary>
    private const string Mark = "<<< next block >>>";

    /// <summary>No document asks for more of its reader.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _path;
    private readonly string _text;
    private readonly IReadOnlyList<Match> _blocks;

    /// <param name="document">The document's place in the repository.</param>
    /// <param name="part">What the two comments are named between which it is followed; null for all that stands between no such comments.</param>
    public Walkthrough(string document, string? part = null)
    {
        _path = Repository.PathOf(document);
        _text = File.ReadAllText(_path);
        var parts = Part().Matches(_text);
        _blocks = [.. Block().Matches(_text).Where(block => parts.FirstOrDefault(one => Holds(one, block))?.Groups["name"].Value == part)];

        static bool Holds(Match part, Match block) => block.Index >= part.Index && block.Index < part.Index + part.Length;
    }

    /// <summary>Whether there is anything to run.</summary>
    public bool HasCommands => _blocks.Any(IsCommands);

    /// <summary>Its commands, one each, those that go on in the next line whole.</summary>
    public IEnumerable<string> Commands =>
        _blocks.Where(IsCommands).SelectMany(block => Continued().Replace(Body(block), " ").Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>
    /// Folders that stand before the others on the shell's path; none needs to know of <c>detector</c>, unless it is to be another than the built program.
    /// </summary>
    public IReadOnlyList<string> Programs { get; init; } = [];

    /// <summary>Further variables of the shell's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Texts of the commands, and what is run in their place: addresses that only the reader has.</summary>
    public IReadOnlyDictionary<string, string> Instead { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Beginnings of commands that are left out.</summary>
    public IReadOnlyList<string> NotRun { get; init; } = [];

    /// <summary>The path of the built program, for <c>dotnet</c>.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "detector.dll");

    /// <summary>Follows the document.</summary>
    /// <param name="folder">Where files are saved and commands are run.</param>
    /// <param name="isWhole">Whether what no block of text shows must be nothing; otherwise it may be anything.</param>
    public async Task FollowAsync(string folder, bool isWhole = false)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the commands are for a POSIX shell");
        Assert.True(HasCommands, $"{_path} has no commands");
        var answers = new Queue<string>(await RunAsync(folder));
        var written = new StringBuilder();
        var end = 0;
        string? answer = null;
        foreach (var block in _blocks)
        {
            if (IsCommands(block))
            {
                AssertNothing(answer);
                answer = answers.Dequeue();
                continue;
            }
            if (answer is not null && block.Groups["language"].Value is "text")
            {
                var body = block.Groups["body"];
                written.Append(_text, end, body.Index - end).Append(answer);
                end = body.Index + body.Length;
                answer = null;
                continue;
            }
            AssertNothing(answer);
            answer = null;
        }
        AssertNothing(answer);
        written.Append(_text, end, _text.Length - end);
        if (System.Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
            await File.WriteAllTextAsync(_path, written.ToString(), TestContext.Current.CancellationToken);
        else
            Assert.Equal(_text, written.ToString());

        void AssertNothing(string? left)
        {
            if (isWhole && left is not null)
                Assert.Equal("", left);
        }
    }

    /// <summary>What each block of commands answers, on either output. All of them must succeed.</summary>
    private async Task<IReadOnlyList<string>> RunAsync(string folder)
    {
        var programs = Directory.CreateTempSubdirectory("programs-");
        try
        {
            MakeProgram(Path.Combine(programs.FullName, "detector"), $"exec dotnet '{Program}' \"$@\"");
            var start = new ProcessStartInfo("/bin/sh", ["-e", "-c", Script()])
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            start.Environment["PATH"] = string.Join(Path.PathSeparator, [.. Programs, programs.FullName, start.Environment["PATH"]]);
            foreach (var (name, value) in Environment)
                start.Environment[name] = value;
            using var shell = Process.Start(start)!;
            shell.StandardInput.Close();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                var output = await shell.StandardOutput.ReadToEndAsync(patience.Token);
                await shell.WaitForExitAsync(patience.Token);
                Assert.True(shell.ExitCode == 0, $"{_path}: the last command ends with {shell.ExitCode}:\n{output}");
                return output.Split(Mark + "\n")[1..];
            }
            finally
            {
                if (!shell.HasExited)
                    shell.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            programs.Delete(recursive: true);
        }
    }

    /// <summary>The whole document as one script, so that what a block sets is there in the next.</summary>
    private string Script()
    {
        // What a page starts beside itself ends with it, also if a command of it fails.
        var script = new StringBuilder("exec 2>&1\ntrap 'code=$?; kill $(jobs -p) 2>/dev/null || :; exit $code' EXIT\n");
        foreach (var block in _blocks)
        {
            if (IsCommands(block))
                script.Append($"echo '{Mark}'\n").Append(ToRun(Body(block)));
            else if (block.Groups["file"] is { Success: true, Value: var file })
                script.Append($"mkdir -p \"$(dirname '{file}')\"\ncat > '{file}' <<'end of {file}'\n{Body(block)}end of {file}\n");
        }
        return script.ToString();
    }

    private string ToRun(string commands)
    {
        var lines = Instead
            .Aggregate(commands, (text, one) => text.Replace(one.Key, one.Value, StringComparison.Ordinal))
            .Split('\n')
            .Select(line => NotRun.Any(beginning => line.StartsWith(beginning, StringComparison.Ordinal)) ? ":" : line);
        return string.Join('\n', lines);
    }

    private static void MakeProgram(string path, string script)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static bool IsCommands(Match block) => block.Groups["language"].Value is "sh";

    private static string Body(Match block) => block.Groups["body"].Value;

    [GeneratedRegex(
        "(`(?<file>[^`\n]+)`:\n\n)?^```(?<language>[a-z]+)\n(?<body>(.*\n)*?)^```$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Block();

    [GeneratedRegex("<!-- (?<name>[a-z]+): begin -->(.*\n)*?<!-- \\k<name>: end -->", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();

    [GeneratedRegex(@"\\\n\s*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Continued();
}
