using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Aws;

/// <summary>Turns a fake clock while other threads work against it.</summary>
internal static class Clockwork
{
    /// <summary>Advances in small steps until the condition holds, or fails when <paramref name="most"/> of the fake clock is used up.</summary>
    /// <returns>How much of the fake clock it took; at least what the condition needs, for the other threads may be slow to see it turn.</returns>
    public static async Task<TimeSpan> UntilAsync(this FakeTimeProvider clock, Func<bool> condition, TimeSpan step, TimeSpan most)
    {
        var taken = TimeSpan.Zero;
        while (!await SettlesAsync(condition))
        {
            Assert.True(taken < most, "the clock ran out");
            clock.Advance(step);
            taken += step;
        }
        return taken;
    }

    /// <summary>Gives the other threads a moment. If they need longer, more of the fake clock is used up, which no test may mind.</summary>
    private static async Task<bool> SettlesAsync(Func<bool> condition)
    {
        for (var i = 0; i < 4 && !condition(); i++)
            await Task.Delay(1);
        return condition();
    }
}
