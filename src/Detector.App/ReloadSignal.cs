using System.Runtime.InteropServices;

namespace Detector.App;

/// <summary>Turns SIGHUP, where there is such a thing, into a wish for the rules to be read anew.</summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly PosixSignalRegistration? _registration;

    public ReloadSignal()
    {
        if (!OperatingSystem.IsWindows())
            _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ask);
    }

    /// <summary>Released once for each signal.</summary>
    public SemaphoreSlim Asked { get; } = new(0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration?.Dispose();
        Asked.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        context.Cancel = true;
        Asked.Release();
    }
}
