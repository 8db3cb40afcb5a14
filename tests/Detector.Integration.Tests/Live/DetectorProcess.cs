using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// The built program in a process of its own: told by files and arguments, heard by its output, ended by signals. Whatever it writes must hold no
/// secret; that is looked at whenever it has ended.
/// </summary>
internal sealed partial class DetectorProcess : IAsyncDisposable
{
    private const int HangUp = 1;
    private const int Term = 15;
    private const int Cont = 18;
    private const int Stop = 19;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _out = new();
    private readonly ConcurrentQueue<string> _log = new();

    private DetectorProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Keep(_out, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_log, line.Data);
    }

    /// <summary>Standard output so far.</summary>
    public string Out => string.Join('\n', _out);

    /// <summary>Standard error so far.</summary>
    public string Log => string.Join('\n', _log);

    public bool HasExited => _process.HasExited;

    /// <summary>Open files, sockets and the like; known on Linux alone.</summary>
    public int Handles => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    /// <summary>Bytes of memory in use.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Managed objects that were in use after the last garbage collection, in bytes; 0 before the first.</summary>
    public async Task<long> HeapAsync(HttpClient http)
    {
        var metrics = await http.GetStringAsync(new Uri(PageAddress, "/metrics"));
        return (long)Heap().Matches(metrics).Sum(match => double.Parse(match.Groups["bytes"].Value, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    /// <summary>Threads; known on Linux alone.</summary>
    public int Threads => Directory.GetFileSystemEntries($"/proc/{_process.Id}/task").Length;

    /// <summary>Where its status page is, by its log.</summary>
    public Uri PageAddress => AddressAfter("health and metrics at");

    /// <summary>Where it takes events by HTTP, by its log.</summary>
    public Uri IntakeAddress => AddressAfter("takes events at");

    /// <summary>Starts the program with nothing special in its environment.</summary>
    public static DetectorProcess Start(string folder, params string[] arguments) =>
        Start(folder, new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    /// <param name="folder">Where it runs, and finds its <c>detector.yaml</c>.</param>
    /// <param name="environment">Stands above what the process has anyway; an empty text takes a variable away.</param>
    /// <param name="arguments">Behind the program's name.</param>
    public static DetectorProcess Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // DETECTOR_PROGRAM may name the native program; else it is the one that was built with the tests.
        var native = Environment.GetEnvironmentVariable("DETECTOR_PROGRAM");
        var start = new ProcessStartInfo(native ?? "dotnet", native is null ? [Program, .. arguments] : arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.Split('_')[0] is "DETECTOR" or "AWS").ToArray())
            start.Environment.Remove(name);
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        foreach (var (name, value) in environment)
            start.Environment[name] = value.Length > 0 ? value : null;
        return Start(start);
    }

    /// <summary>The same, started by somebody else, such as who takes rights away from it first.</summary>
    public static DetectorProcess Start(ProcessStartInfo start)
    {
        var detector = new DetectorProcess(new Process { StartInfo = start });
        detector._process.Start();
        detector._process.BeginOutputReadLine();
        detector._process.BeginErrorReadLine();
        return detector;
    }

    /// <summary>Waits until the log holds a text; fails if the process ends before.</summary>
    public Task LogsAsync(string text) =>
        Eventually.TrueAsync(
            () => Log.Contains(text, StringComparison.Ordinal) || (HasExited ? throw new InvalidOperationException($"ended early:\n{Log}") : false),
            $"the log holds \"{text}\""
        );

    public Task ReadyAsync() => LogsAsync("detector: ready");

    /// <summary>SIGKILL: no code of the program's runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal(Term);

    /// <summary>SIGHUP: it is to read its rules anew.</summary>
    public void ReadRules() => Signal(HangUp);

    /// <summary>SIGSTOP: it stands still, and does not know.</summary>
    public void Freeze() => Signal(Stop);

    /// <summary>SIGCONT: it goes on where it was.</summary>
    public void Thaw() => Signal(Cont);

    /// <summary>SIGTERM, and the exit code.</summary>
    public Task<int> StopAsync()
    {
        Terminate();
        return ExitAsync();
    }

    /// <summary>The exit code, when the process has ended by itself.</summary>
    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"did not end in time:\n{Log}");
        }
        Assert.DoesNotContain(SlackFake.Secret, Out + Log, StringComparison.Ordinal);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(Log);
        _process.Dispose();
    }

    private void Signal(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals on Windows");
        Assert.Equal(0, SendSignal(_process.Id, signal));
    }

    /// <summary>The number by which the system knows it.</summary>
    public int Id => _process.Id;

    /// <summary>The program of the configuration (Debug, Release) that the tests are of.</summary>
    public static string Program
    {
        get
        {
            var framework = new DirectoryInfo(AppContext.BaseDirectory);
            return Testing.Repository.PathOf("src", "Detector.App", "bin", framework.Parent!.Name, framework.Name, "detector.dll");
        }
    }

    private Uri AddressAfter(string words) => new(Regex.Match(Log, $@"{words} (\S+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value);

    [GeneratedRegex(
        @"^dotnet_gc_last_collection_heap_size\w*\{[^}]*\} (?<bytes>[0-9.e+]+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Heap();

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
