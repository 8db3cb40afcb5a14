using Detector.App;
using Detector.App.Commands;

using var signals = new StopSignals();
using var reload = new ReloadSignal();
var environment = Environment
    .GetEnvironmentVariables()
    .Cast<System.Collections.DictionaryEntry>()
    .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

// Console.Out goes to the system for every 256 characters.
using var results = new StreamWriter(Console.OpenStandardOutput(), Console.OutputEncoding, bufferSize: 64 * 1024) { AutoFlush = true };
return await CommandLine.InvokeAsync(
    args,
    new Terminal(TextWriter.Synchronized(results), Console.Error, environment, TimeProvider.System, signals.Token)
    {
        OutIsTerminal = !Console.IsOutputRedirected,
        Width = Console.IsOutputRedirected ? null : Console.WindowWidth,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Reload = reload.Asked,
    }
);
