namespace Detector.Tests;

/// <summary>Folders that tests read from.</summary>
internal static class Places
{
    /// <summary>The project's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The project's own rules.</summary>
    public static string Rules => Path.Combine(Root, "rules");

    /// <summary>The shared corpora that may stand beside the project; a test that needs them skips where they are absent.</summary>
    public static string Shared(string path)
    {
        var full = Path.Combine(Root, "..", "shared", path);
        if (!Path.Exists(full))
        {
            Assert.Skip($"needs ../shared/{path} beside the project");
        }
        return full;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Detector.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("the tests do not run inside the project");
    }
}
