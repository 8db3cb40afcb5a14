using System.Diagnostics;
using System.Globalization;
using Detector.Testing;

namespace Detector.Benchmarks.Live;

/// <summary>The program in a process of its own: the one that DETECTOR_PROGRAM names, else the one that was built.</summary>
internal sealed class LiveProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private LiveProgram(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>Processor time so far.</summary>
    public TimeSpan Used
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The most memory that it had, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Starts it on a queue, and waits until it is ready.</summary>
    public static async Task<LiveProgram> StartAsync(QueueAndSlack queue)
    {
        var folder = Directory.CreateTempSubdirectory("detector-live-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "detector.yaml"),
            $"""
            queue:
              url: {queue.QueueUrl}
              region: us-east-1
              serviceUrl: {queue.Address}
              wait: 1s
            slack:
              webhook: {queue.Webhook}
            digest:
              after: 1000000
            console:
              enabled: false
            ledger:
              file: detector.db
            status:
              listen: 127.0.0.1:0
            """
        );
        var native = Environment.GetEnvironmentVariable("DETECTOR_PROGRAM");
        var built = Repository.PathOf("src", "Detector.App", "bin", "Release", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "detector.dll");
        var start = new ProcessStartInfo(native ?? "dotnet", native is null ? [built, "run"] : ["run"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var log = new List<string>();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            log.Add(line);
            if (line.Contains("detector: ready", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync();
                return new LiveProgram(process, folder);
            }
        }
        throw new InvalidOperationException(string.Join('\n', log));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
