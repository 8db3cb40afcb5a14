using Detector.Adapters.Files;

namespace Detector.Adapters.Sqlite;

/// <summary>What is done to a database file before SQLite sees it.</summary>
internal static class StoreFile
{
    private const int ErrorSharingViolation = unchecked((int)0x80070020);
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnDarwin = 35;

    /// <summary>
    /// Takes the file for this process, and makes it if there is none. The system lets go of the lock when the process ends, however it
    /// ends. SQLite's own exclusive mode would shut out our reading connection too; hence a lock file.
    /// </summary>
    /// <returns>Held for as long as it is open.</returns>
    /// <exception cref="StorageException">Another process has it, or the path cannot be written to.</exception>
    public static FileStream Lock(string file, string subject)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var held = new FileStream(file + ".lock", PrivateFile.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            try
            {
                Make(file);
                return held;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (IOException error) when (error.HResult is ErrorSharingViolation or WouldBlockOnLinux or WouldBlockOnDarwin)
        {
            throw new StorageException(file, StorageFault.Locked, $"another process uses this {subject}; each needs its own", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(file, StorageFault.Unavailable, $"the {subject} cannot be opened ({error.Message})", error);
        }
    }

    /// <summary>Whether the file has ever been one of ours.</summary>
    public static bool WasHeld(string file) => File.Exists(file + ".lock");

    /// <summary>Makes the file, if there is none. SQLite gives its side files the rights of the main one, so it must not be the one to make that.</summary>
    public static void Make(string file)
    {
        using var made = new FileStream(file, PrivateFile.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite));
    }
}
