using Detector.App;
using Detector.App.Commands;

namespace Detector.Tests.App.Commands;

/// <summary>Runs commands in the test's own process, over a folder of its own.</summary>
internal sealed class Shell : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    /// <summary>Gone when the test ends.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("shell-").FullName;

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public IReadOnlyList<string> OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>How wide the terminal is, if there is one.</summary>
    public int? Width { get; init; }

    /// <summary>Standard input.</summary>
    public byte[] In { get; set; } = [];

    /// <summary>Runs a command; returns its exit code.</summary>
    public Task<int> RunAsync(params IReadOnlyList<string> args) =>
        CommandLine.InvokeAsync(
            args,
            new Terminal(_out, _error, new Dictionary<string, string>(StringComparer.Ordinal), Time, TestContext.Current.CancellationToken)
            {
                Width = Width,
                OpenIn = () => new MemoryStream(In),
            }
        );

    /// <summary>Writes a file of the folder; returns its path.</summary>
    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Write(string, string)"/>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
