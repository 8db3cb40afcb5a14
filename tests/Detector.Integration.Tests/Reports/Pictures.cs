namespace Detector.Integration.Tests.Reports;

/// <summary>The documents' pictures of pages.</summary>
internal static class Pictures
{
    /// <summary>Holds a picture against the one that is kept; with DETECTOR_WRITE_DOCS=1 it takes its place.</summary>
    /// <param name="name">Its name in docs/images.</param>
    /// <param name="taken">A PNG.</param>
    public static async Task HoldAsync(string name, byte[] taken)
    {
        var kept = Repository.PathOf("docs", "images", name);
        if (Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
            await File.WriteAllBytesAsync(kept, taken, TestContext.Current.CancellationToken);
        // Fonts differ from machine to machine, and with them each pixel; what it shows does not.
        Assert.Equal(SizeOf(taken), SizeOf(await File.ReadAllBytesAsync(kept, TestContext.Current.CancellationToken)));
    }

    /// <summary>Width and height, as they stand in a PNG's head.</summary>
    private static string SizeOf(byte[] png) => Convert.ToHexString(png.AsSpan(16, 8));
}
