namespace Detector.Integration.Tests.Aws;

/// <summary>Waits for what another process brings about; how long it takes does not matter to the result.</summary>
internal static class Eventually
{
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static Task TrueAsync(Func<Task<bool>> condition, string what) => TrueAsync(condition, () => what);

    /// <param name="condition">What has to come true.</param>
    /// <param name="what">Says at the end what did not, which may depend on how far it came.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, $"did not come true in time: {what()}");
            await Task.Delay(20);
        }
    }
}
