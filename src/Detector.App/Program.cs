using Detector.App;
using Detector.App.Commands;

using var signals = new StopSignals();
using var reload = new ReloadSignal();
var environment = Environment
    .GetEnvironmentVariables()
    .Cast<System.Collections.DictionaryEntry>()
    .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);
return await CommandLine.InvokeAsync(
    args,
    new Terminal(Console.Out, Console.Error, environment, TimeProvider.System, signals.Token)
    {
        OutIsTerminal = !Console.IsOutputRedirected,
        Width = Console.IsOutputRedirected ? null : Console.WindowWidth,
        Reload = reload.Asked,
    }
);
