using Detector.Adapters.Aws;

namespace Detector.Tests.Adapters.Aws;

public class SqsSourceOptionsTests
{
    [Fact]
    public void Validate_Defaults_NothingIsWrong() => Assert.Empty(new SqsSourceOptions().Validate());

    [Fact]
    public void Validate_EverythingWrong_EveryOptionIsNamed()
    {
        var options = new SqsSourceOptions
        {
            WaitTime = TimeSpan.FromSeconds(21),
            Receivers = 0,
            Prefetch = 0,
            Visibility = TimeSpan.FromMilliseconds(5500),
            RenewEvery = TimeSpan.Zero,
            MaxHold = TimeSpan.FromHours(12),
            MaxReturnDelay = TimeSpan.FromSeconds(-1),
            Lateness = TimeSpan.FromDays(2),
        };

        var wrong = options.Validate().Select(one => one.Option);

        Assert.Equal(["WaitTime", "Receivers", "Prefetch", "Visibility", "RenewEvery", "MaxHold", "MaxReturnDelay", "Lateness"], wrong);
    }

    [Theory]
    [InlineData(45, true)]
    [InlineData(46, false)]
    [InlineData(60, false)]
    public void Validate_RenewalAgainstVisibilityOfAMinute_RenewsBeforeTheLeaseRunsOut(int renewEvery, bool right)
    {
        var options = new SqsSourceOptions { RenewEvery = TimeSpan.FromSeconds(renewEvery) };

        var wrong = options.Validate();

        Assert.Equal(right, !wrong.Any());
    }
}
