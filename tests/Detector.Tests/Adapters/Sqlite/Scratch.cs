using Microsoft.Data.Sqlite;

namespace Detector.Tests.Adapters.Sqlite;

/// <summary>A folder that goes away with the test, and a way to look into the databases in it.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-tests-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>What a crash at this moment leaves: the files as they are, opened by nobody.</summary>
    public string CopyOf(string file)
    {
        var copy = File($"copy-{Guid.NewGuid():N}");
        // Two files are not copied at one moment: an open reader keeps the log from being started anew in between.
        using var reader = Look(file);
        using var reading = reader.BeginTransaction(deferred: true);
        using var look = reader.CreateCommand();
        look.CommandText = "SELECT count(*) FROM sqlite_schema";
        look.ExecuteScalar();
        foreach (var side in (string[])["", "-wal"])
        {
            if (System.IO.File.Exists(file + side))
                System.IO.File.Copy(file + side, copy + side);
        }
        return copy;
    }

    public static SqliteConnection Look(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        return connection;
    }

    public static object? Ask(string file, string sql)
    {
        using var connection = Look(file);
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
