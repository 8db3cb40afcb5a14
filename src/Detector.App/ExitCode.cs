namespace Detector.App;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Done = 0;

    /// <summary>The command line or the configuration is wrong; every fault was written to standard error.</summary>
    public const int Usage = 2;

    /// <summary>The program met something it was not made for; standard error tells what. 70 is EX_SOFTWARE of sysexits.h.</summary>
    public const int Fault = 70;
}
