using PuppeteerSharp;

namespace Detector.Testing;

/// <summary>A Chromium without a window and without anything of its own that asks the network, over a profile of its own.</summary>
internal static class Chromium
{
    /// <summary>Starts one.</summary>
    /// <param name="program">Its path.</param>
    public static Task<IBrowser> StartAsync(string program) =>
        Puppeteer.LaunchAsync(
            new LaunchOptions
            {
                ExecutablePath = program,
                Headless = true,
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--hide-scrollbars",
                ],
            }
        );
}
