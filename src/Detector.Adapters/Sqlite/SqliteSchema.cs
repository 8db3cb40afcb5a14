namespace Detector.Adapters.Sqlite;

/// <summary>What a database file holds, and how it came to its present form.</summary>
/// <param name="Subject">What the file is, for messages: "ledger".</param>
/// <param name="ApplicationId">Marks the file as ours (SQLite's <c>application_id</c>), so that no other database is ever written to.</param>
/// <param name="Steps">Script n turns version n-1 into version n. Released scripts never change: new ones are added.</param>
internal sealed record SqliteSchema(string Subject, int ApplicationId, IReadOnlyList<string> Steps)
{
    /// <summary>Brings the database to the newest version, each step whole or not at all.</summary>
    /// <exception cref="StorageException">It holds something else, or a newer version of this.</exception>
    public void Apply(SqliteSession session, string file)
    {
        var version = Version(session, file);
        for (; version < Steps.Count; version++)
        {
            session.RunScript($"BEGIN IMMEDIATE; {Steps[version]}; PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version + 1}; COMMIT");
        }
    }

    /// <summary>Checks that a database is of this form, and changes nothing.</summary>
    /// <exception cref="StorageException">It holds something else, or another version of this.</exception>
    public void Check(SqliteSession session, string file)
    {
        var version = Version(session, file);
        if (version == 0)
            throw new StorageException(file, StorageFault.Foreign, $"this database is no {Subject}");
        if (version < Steps.Count)
            throw new StorageException(file, StorageFault.Foreign, $"an older version of the program wrote this {Subject}: start this one on it once");
    }

    private int Version(SqliteSession session, string file)
    {
        var version = (int)session.Number("PRAGMA user_version");
        var owner = (int)session.Number("PRAGMA application_id");
        var isNew = version == 0 && owner == 0 && session.Number("SELECT count(*) FROM sqlite_schema") == 0;
        if (!isNew && owner != ApplicationId)
            throw new StorageException(file, StorageFault.Foreign, $"this database is no {Subject}");
        if (version > Steps.Count)
        {
            throw new StorageException(
                file,
                StorageFault.Newer,
                $"a newer version of the program wrote this {Subject} (form {version}; this program knows up to {Steps.Count})"
            );
        }
        return version;
    }
}
