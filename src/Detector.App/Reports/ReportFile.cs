using System.Text;

namespace Detector.App.Reports;

/// <summary>Where a report goes: it is there whole, or what was there before still is.</summary>
internal static class ReportFile
{
    /// <summary>Finds out before the work whether the file can be written behind it.</summary>
    /// <exception cref="StartException">It cannot.</exception>
    public static void Check(string file) =>
        Try(
            file,
            () =>
            {
                File.Create(Aside(file)).Dispose();
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
                using (var output = new StreamWriter(Aside(file), append: false, new UTF8Encoding(false)) { NewLine = "\n" })
                    ReportPage.Write(output, report);
                File.Move(Aside(file), file, overwrite: true);
            }
        );

    private static string Aside(string file) => file + ".part";

    private static void Try(string file, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StartException($"--report: {file} cannot be written: {e.Message}");
        }
    }
}
