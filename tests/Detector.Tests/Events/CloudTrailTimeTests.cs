using System.Text;
using Detector.Core.Events;

namespace Detector.Tests.Events;

public sealed class CloudTrailTimeTests
{
    [Theory]
    [InlineData("2024-08-18T09:30:00Z")]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("8999-12-31T23:59:59Z")]
    [InlineData("2024-02-29T11:30:00+02:00")]
    public void TryParse_ATime_IsOne(string text) => Assert.True(CloudTrailTime.TryParse(Encoding.UTF8.GetBytes(text), out _));

    // Windows and ages reckoned from these would run off the calendar.
    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("9000-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("0000-00-00T00:00:00Z")]
    public void TryParse_FarFromAnyEvent_IsNone(string text) => Assert.False(CloudTrailTime.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
