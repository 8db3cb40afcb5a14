using System.Diagnostics;
using System.Text;
using Detector.Adapters.Slack;

namespace Detector.Integration.Tests.Slack;

public class SlackPreviewTests
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Draws the README's picture into a folder below the temporary one, or into the one that <c>SLACK_PREVIEW</c> names.</summary>
    [Fact]
    public async Task Picture_SampleAlert_IsDrawnFromTheSinksOwnJson()
    {
        var browser = Array.Find(Browsers, File.Exists);
        if (browser is null)
            Assert.Skip("no Chromium on this machine");
        var folder = Environment.GetEnvironmentVariable("SLACK_PREVIEW") ?? Path.Combine(Path.GetTempPath(), "detector-slack-preview");
        Directory.CreateDirectory(folder);
        var (page, picture) = (Path.Combine(folder, "slack-alert.html"), Path.Combine(folder, "slack-alert.png"));
        var payload = SlackMessage.Render(SlackSample.AdminGrant, SlackSample.Told).ToJson();
        await File.WriteAllTextAsync(page, SlackPreview.Html(payload, "12:03"), Encoding.UTF8, TestContext.Current.CancellationToken);

        await DrawAsync(browser, page, picture);

        var png = await File.ReadAllBytesAsync(picture, TestContext.Current.CancellationToken);
        Assert.True(png.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']));
        Assert.InRange(png.Length, 5_000, 150_000);
    }

    private static async Task DrawAsync(string browser, string page, string picture)
    {
        var profile = Directory.CreateTempSubdirectory("detector-chromium");
        string[] flags =
        [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-device-scale-factor=1.6",
            "--window-size=720,430",
            $"--user-data-dir={profile.FullName}",
            $"--screenshot={picture}",
            new Uri(page).AbsoluteUri,
        ];
        var start = new ProcessStartInfo(browser, flags)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{await output}{await errors}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            Forget(profile);
        }
    }

    private static void Forget(DirectoryInfo profile)
    {
        try
        {
            profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser is still ending, and writing; the system's cleaning of its temporary folder takes the rest.
        }
    }
}
