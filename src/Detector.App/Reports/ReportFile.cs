using System.Text;
using Detector.Adapters.Files;
using Detector.Adapters.Sqlite;

namespace Detector.App.Reports;

/// <summary>Where a report goes: it is there whole, or what was there before still is. It holds records of the trail, so it is its user's alone.</summary>
internal static class ReportFile
{
    /// <summary>Finds out before the work whether the file can be written behind it.</summary>
    /// <exception cref="StartException">It cannot.</exception>
    public static void Check(string file) =>
        Try(
            file,
            () =>
            {
                if (Directory.Exists(file))
                    throw new IOException("it is a folder");
                if (!MayBeReplaced(file))
                    throw new IOException("it is there, and is no report");
                Create(file).Dispose();
                File.Delete(Aside(file));
            }
        );

    /// <summary>Writes it.</summary>
    /// <exception cref="StartException">It cannot be written.</exception>
    public static void Write(string file, Report report) =>
        Try(
            file,
            () =>
            {
                using (var output = new StreamWriter(Create(file), new UTF8Encoding(false)) { NewLine = "\n" })
                    ReportPage.Write(output, report);
                File.Move(Aside(file), file, overwrite: true);
            }
        );

    /// <summary>A report takes the place of an older one, never of a trail: whoever forgets the name of the report names the file that comes next.</summary>
    private static bool MayBeReplaced(string file)
    {
        if (!File.Exists(file))
            return true;
        using var there = File.OpenRead(file);
        Span<byte> beginning = stackalloc byte[ReportPage.Beginning.Length];
        var read = there.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
        return read == 0 || beginning[..read].SequenceEqual(ReportPage.Beginning);
    }

    /// <summary>Makes the file beside it that takes its place in the end.</summary>
    private static FileStream Create(string file)
    {
        // What was left there may be a link to elsewhere, or be readable for others.
        File.Delete(Aside(file));
        return new FileStream(Aside(file), PrivateFile.Options(FileMode.CreateNew, FileAccess.Write, FileShare.None));
    }

    /// <summary>A report that came to nothing must not go on filling the disk that had no room for it.</summary>
    private static void Forget(string file)
    {
        try
        {
            File.Delete(Aside(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException) { }
    }

    private static string Aside(string file) => file + ".part";

    private static void Try(string file, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or StorageException)
        {
            Forget(file);
            throw new StartException($"--report: {file} cannot be written: {e.Message}");
        }
    }
}
