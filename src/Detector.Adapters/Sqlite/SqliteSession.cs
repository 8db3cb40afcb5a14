using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Sqlite;

/// <summary>A connection that prepares each statement once. For one thread at a time.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    /// <summary>False once a failure has made SQLite roll the transaction back by itself (a full disk does).</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Runs one statement and tells how many rows it changed.</summary>
    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Prepare(sql, parameters).ExecuteNonQuery();

    /// <summary>
    /// Runs several statements. Not as one command: ADO.NET's reader swallows failures of statements that follow one with a result, which
    /// ALTER TABLE may be.
    /// </summary>
    public void RunScript(string sql) => SqliteException.ThrowExceptionForRC(SQLitePCL.raw.sqlite3_exec(connection.Handle, sql), connection.Handle);

    /// <summary>Reads all rows.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Prepare(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(map(reader));
        return rows;
    }

    /// <summary>Reads the first row; default if there is none.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Prepare(sql, parameters).ExecuteReader();
        return reader.Read() ? map(reader) : default;
    }

    /// <summary>Reads the integer in the first row; 0 if there is none.</summary>
    public long Number(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => First(sql, row => row.GetInt64(0), parameters);

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        foreach (var (name, value) in parameters)
        {
            if (HasNul(value))
                sql = AsText(sql, name);
        }
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement of this program is a constant; what varies goes in as a parameter.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, _) in parameters)
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            _prepared.Add(sql, command);
        }
        for (var i = 0; i < parameters.Length; i++)
        {
            var value = parameters[i].Value;
            command.Parameters[i].Value = HasNul(value) ? Encoding.UTF8.GetBytes((string)value!) : value ?? DBNull.Value;
        }
        return command;
    }

    /// <summary>The driver ends a long text at its first NUL. Bytes it binds whole, so such a text goes in as bytes, and the statement makes a text of them again.</summary>
    private static bool HasNul(object? value) => value is string text && text.Contains('\0', StringComparison.Ordinal);

    private static string AsText(string sql, string parameter) =>
        Regex.Replace(sql, Regex.Escape(parameter) + @"\b", "CAST($0 AS TEXT)", RegexOptions.None, TimeSpan.FromSeconds(1));
}
