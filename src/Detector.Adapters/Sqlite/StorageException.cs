using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Sqlite;

/// <summary>A file that the program keeps its memory in cannot be used. The message names the file and the reason, for a person.</summary>
public sealed class StorageException : Exception
{
    internal StorageException(string file, StorageFault fault, string reason, Exception? inner = null)
        : base($"{file}: {reason}", inner)
    {
        File = file;
        Fault = fault;
    }

    /// <summary>The file concerned.</summary>
    public string File { get; }

    /// <summary>What is wrong with it.</summary>
    public StorageFault Fault { get; }

    /// <summary>Whether a failure of SQLite's tells of the file; a broken constraint or a faulty statement does not.</summary>
    internal static bool Concerns(SqliteException error) => Judge(error) is not null;

    /// <summary>A failure that <see cref="Concerns"/>, in words for a person.</summary>
    internal static StorageException Of(string file, SqliteException error)
    {
        var (fault, reason) = Judge(error) ?? (StorageFault.Unavailable, "it failed");
        return new(file, fault, $"{reason} ({error.Message})", error);
    }

    private static (StorageFault Fault, string Reason)? Judge(SqliteException error) =>
        error.SqliteErrorCode switch
        {
            SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => (StorageFault.Locked, "another program keeps it locked"),
            SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB => (StorageFault.Corrupt, "it is damaged, or no database"),
            SQLitePCL.raw.SQLITE_FULL => (StorageFault.Full, "no space is left for it"),
            SQLitePCL.raw.SQLITE_CANTOPEN
            or SQLitePCL.raw.SQLITE_READONLY
            or SQLitePCL.raw.SQLITE_PERM
            or SQLitePCL.raw.SQLITE_AUTH
            or SQLitePCL.raw.SQLITE_IOERR
            or SQLitePCL.raw.SQLITE_NOLFS => (StorageFault.Unavailable, "it cannot be read or written"),
            _ => null,
        };
}

/// <summary>What is wrong with a file.</summary>
public enum StorageFault
{
    /// <summary>It cannot be opened, read or written: missing rights, a missing or failing disk.</summary>
    Unavailable,

    /// <summary>Another process uses it.</summary>
    Locked,

    /// <summary>Its content is damaged, or it never was a database.</summary>
    Corrupt,

    /// <summary>It is a database of something else.</summary>
    Foreign,

    /// <summary>A newer version of the program wrote it.</summary>
    Newer,

    /// <summary>The disk is full.</summary>
    Full,
}
