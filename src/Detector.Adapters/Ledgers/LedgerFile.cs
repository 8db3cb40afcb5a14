using System.Buffers.Binary;
using Detector.Adapters.Sqlite;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>What a ledger's file is, told by its first bytes: another process may have it as a database.</summary>
/// <remarks>SQLite, "Database File Format": the user version stands at byte 60, the application id at byte 68.</remarks>
public static class LedgerFile
{
    private const int HeaderSize = 100;

    /// <summary>Why the program could not use the file; null if it could, or if there is none yet.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string? WhatIsWrongWith(string file)
    {
        if (!File.Exists(file))
            return null;
        Span<byte> header = stackalloc byte[HeaderSize];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
        if (read == 0)
            return null;
        if (read < HeaderSize || !header.StartsWith("SQLite format 3\0"u8))
            return "is no database";
        var (form, owner) = (BinaryPrimitives.ReadInt32BigEndian(header[60..]), BinaryPrimitives.ReadInt32BigEndian(header[68..]));
        return owner != 0 && owner != LedgerSchema.Value.ApplicationId ? "is no ledger"
            : form > LedgerSchema.Value.Steps.Count
                ? $"a newer version of the program wrote this ledger (form {form}; this program knows up to {LedgerSchema.Value.Steps.Count})"
            : null;
    }

    /// <summary>Whether somebody keeps others from writing for longer than any write takes. Writes nothing, and looks only where a database is open.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public static bool IsLocked(string file)
    {
        // Without it nobody has the database open; to open it then would make files beside it.
        if (!File.Exists($"{file}-shm"))
            return false;
        try
        {
            using var session = SqliteStore.Connect(file, SqliteOpenMode.ReadWrite, SqliteStore.Patience);
            session.Run("BEGIN IMMEDIATE");
            session.Run("ROLLBACK");
            return false;
        }
        catch (SqliteException error) when (StorageException.Concerns(error))
        {
            return error.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY ? true : throw StorageException.Of(file, error);
        }
    }
}
