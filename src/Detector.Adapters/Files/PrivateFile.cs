namespace Detector.Adapters.Files;

/// <summary>Files that tell much about an account: whoever makes one is alone in reading it, whatever the umask says. One that is there keeps the rights that somebody gave it.</summary>
public static class PrivateFile
{
    /// <summary>How to open one.</summary>
    public static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = access,
            Share = share,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
