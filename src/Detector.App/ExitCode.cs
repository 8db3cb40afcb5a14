namespace Detector.App;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Done = 0;

    /// <summary>Alerts were found and that was asked to fail, or tests failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; every fault was written to standard error.</summary>
    public const int Usage = 2;

    /// <summary>Part of the input could not be used; the rest was done, and each loss was told.</summary>
    public const int Partly = 3;

    /// <summary>The program met something it was not made for, or a disk that it cannot write to; standard error tells what. 70 is EX_SOFTWARE of sysexits.h.</summary>
    public const int Fault = 70;
}
