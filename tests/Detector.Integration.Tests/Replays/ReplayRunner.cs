using System.Text.Json.Nodes;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Replays;

/// <summary>Runs the built program's replay in a process of its own.</summary>
internal static class ReplayRunner
{
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Behind <c>replay --output jsonl</c>.</param>
    public static async Task<(int Code, IReadOnlyList<JsonNode> Alerts, string Log)> RunAsync(string folder, params string[] arguments)
    {
        await using var detector = DetectorProcess.Start(folder, ["replay", "--output", "jsonl", .. arguments]);
        var code = await detector.ExitAsync();
        return (code, [.. detector.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)], detector.Log);
    }
}
