using System.Text;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Sqlite;

/// <summary>Reads texts whole. The driver's own <c>GetString</c> ends at the first NUL, and a caller can have one in any name.</summary>
internal static class SqliteText
{
    /// <summary>A column's text, as it was written.</summary>
    public static string Text(this SqliteDataReader row, int column) => Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));
}
