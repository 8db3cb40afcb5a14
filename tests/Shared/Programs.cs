namespace Detector.Testing;

/// <summary>Programs of the machine.</summary>
internal static class Programs
{
    /// <summary>A program's path, by the folders that the environment names; null if it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
