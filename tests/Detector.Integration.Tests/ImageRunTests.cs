using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Detector.App;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests;

/// <summary>The detector as its image runs it: a user without any right, on a root that nobody can write to but for the volume.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ImageRunTests : IDisposable
{
    // In a mount namespace of its own nothing outside changes. The last line becomes the program: signals reach it.
    private const string Confine = """
        mount --make-rprivate /
        mkdir program dotnet
        mount --bind "$1" program
        mount --bind "$2" dotnet
        chown -R 1654:1654 state
        mount --bind state state
        mount --options remount,bind,ro /
        if mountpoint --quiet /tmp; then mount --options remount,bind,ro /tmp; fi
        cd state
        confined='setpriv --reuid=1654 --regid=1654 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all'
        if $confined touch ../outside /tmp/outside 2>/dev/null || ! $confined touch inside; then exit 99; fi
        rm inside
        exec $confined env --ignore-environment DOTNET_EnableDiagnostics=0 ../dotnet/dotnet ../program/detector.dll run
        """;

    private readonly Deployment _deployment = new() { Page = $"127.0.0.1:{Ports.Free()}", More = "intake:\n  listen: 127.0.0.1:0\n" };
    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("detector-image-");

    public void Dispose()
    {
        _deployment.Dispose();
        _work.Delete(recursive: true);
    }

    [Fact]
    public async Task Run_WithoutRightsOnAReadOnlyRoot_TakesEventsTellsAlertsAndWritesToItsVolumeAlone()
    {
        Requires.MountNamespace();
        _deployment.Write();
        var state = _work.CreateSubdirectory("state");
        File.Copy(_deployment.PathOf("detector.yaml"), Path.Combine(state.FullName, "detector.yaml"));
        File.SetUnixFileMode(_work.FullName, (UnixFileMode)0b111_101_101);

        await using var detector = DetectorProcess.Start(Confined());
        await detector.ReadyAsync();
        using var http = new HttpClient();
        using var content = new StringContent(Trail.EventBridge(Trail.AdminGrant("drill-admin-1")), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(detector.IntakeAddress, content, TestContext.Current.CancellationToken);
        var alerts = Path.Combine(state.FullName, "alerts.jsonl");
        await Aws.Eventually.TrueAsync(
            () => File.Exists(alerts) && File.ReadAllText(alerts).Contains("drill-admin-1", StringComparison.Ordinal),
            "the alert is out"
        );
        await using var health = DetectorProcess.Start(_deployment.Folder, "health");
        var well = await health.ExitAsync();
        var exit = await detector.StopAsync();

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal((ExitCode.Done, ExitCode.Done), (well, exit));
        Assert.DoesNotContain("ERROR", detector.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("WARN", detector.Log, StringComparison.Ordinal);
        Assert.Contains("detector.db", Directory.EnumerateFiles(state.FullName).Select(Path.GetFileName));
    }

    private ProcessStartInfo Confined()
    {
        var program = Path.GetDirectoryName(DetectorProcess.Program)!;
        // The program that runs this test belongs to the same SDK.
        var dotnet = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return new ProcessStartInfo("unshare", ["--mount", "sh", "-euc", Confine, "sh", program, dotnet])
        {
            WorkingDirectory = _work.FullName,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }
}
