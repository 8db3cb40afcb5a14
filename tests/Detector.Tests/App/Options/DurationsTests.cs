using Detector.App.Options;

namespace Detector.Tests.App.Options;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("0s", 0)]
    [InlineData("999999d", 86399913600)]
    public void TryParse_Duration_IsRead(string text, double seconds)
    {
        var read = Durations.TryParse(text, out var duration);

        Assert.True(read);
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("5 m")]
    [InlineData("5M")]
    [InlineData("1h30")]
    [InlineData("1000000s")]
    [InlineData("999999d999999d999999d999999d")]
    [InlineData("٣s")]
    public void TryParse_AnythingElse_IsNot(string text)
    {
        var read = Durations.TryParse(text, out _);

        Assert.False(read);
    }
}
