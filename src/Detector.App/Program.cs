using Detector.App;
using Detector.App.Commands;

using var signals = new StopSignals();
using var reload = new ReloadSignal();
var environment = Environment
    .GetEnvironmentVariables()
    .Cast<System.Collections.DictionaryEntry>()
    .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

// Console.Out goes to the system for every 256 characters.
using var results = Writer(Console.OpenStandardOutput(), isLog: false, bufferSize: 64 * 1024);
using var log = Writer(Console.OpenStandardError(), isLog: true, bufferSize: 1024);
return await CommandLine.InvokeAsync(
    args,
    new Terminal(TextWriter.Synchronized(results), TextWriter.Synchronized(log), environment, TimeProvider.System, signals.Token)
    {
        OutIsTerminal = !Console.IsOutputRedirected,
        Width = Console.IsOutputRedirected ? null : Console.WindowWidth,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Reload = reload.Asked,
    }
);

static StreamWriter Writer(Stream stream, bool isLog, int bufferSize) =>
    new(new TerminalStream(stream, isLog), Console.OutputEncoding, bufferSize) { AutoFlush = true };
