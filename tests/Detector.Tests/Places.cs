namespace Detector.Tests;

/// <summary>Folders that tests read from.</summary>
internal static class Places
{
    /// <summary>The project's own rules.</summary>
    public static string Rules => Repository.PathOf("rules");

    /// <summary>The shared corpora that may stand beside the project; a test that needs them skips where they are absent.</summary>
    public static string Shared(string path)
    {
        var full = Repository.PathOf("..", "shared", path);
        Assert.SkipUnless(Path.Exists(full), $"needs ../shared/{path} beside the project");
        return full;
    }
}
