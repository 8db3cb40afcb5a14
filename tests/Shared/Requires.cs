namespace Detector.Testing;

/// <summary>
/// States what a test needs beyond the .NET SDK. Where that is missing the test is skipped with the reason, in sight; with
/// DETECTOR_REQUIRE_COMPONENTS=1, as in <c>.ci/run</c>, it fails instead.
/// </summary>
internal static class Requires
{
    /// <summary>The path of Node.</summary>
    public static string Node() => Program("node", "Debian: nodejs");

    /// <summary>The path of a Chromium.</summary>
    public static string Chromium() => Program("chromium", "Debian: chromium");

    /// <summary>The path of a Redis server.</summary>
    public static string RedisServer() => Program("redis-server", "Debian: redis-server");

    /// <summary>The path of docker-compose; no engine is needed.</summary>
    public static string DockerCompose() => Program("docker-compose", "Debian: docker-compose");

    /// <summary>The system's libdeflate.</summary>
    /// <param name="isThere">Whether the program has found it.</param>
    public static void LibDeflate(bool isThere)
    {
        if (!isThere)
            Missing<string>("libdeflate is not installed", "Debian: libdeflate0");
    }

    /// <summary>The folder of the emulator's npm packages.</summary>
    public static string Emulator()
    {
        Node();
        var folder = Repository.PathOf("tests", "Detector.Integration.Tests", "emulator");
        return Directory.Exists(Path.Combine(folder, "node_modules")) ? folder : Missing<string>("the emulator is not installed", $"npm ci in {folder}");
    }

    private static string Program(string name, string hint) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists)
        ?? Missing<string>($"{name} is not installed", hint);

    private static T Missing<T>(string what, string hint)
    {
        var reason = $"{what} ({hint})";
        if (Environment.GetEnvironmentVariable("DETECTOR_REQUIRE_COMPONENTS") is "1")
            Assert.Fail(reason);
        Assert.Skip(reason);
        return default!;
    }
}
