using Detector.Adapters.Aws.S3;

namespace Detector.Tests.Adapters.Aws.S3;

public sealed class S3PlaceTests
{
    [Theory]
    [InlineData("s3://my-trail", "my-trail", "")]
    [InlineData("s3://my-trail/", "my-trail", "")]
    [InlineData("S3://my.trail/a/b", "my.trail", "a/b")]
    [InlineData("s3://my-trail//a", "my-trail", "/a")]
    public void TryParse_Place_IsRead(string text, string bucket, string prefix)
    {
        Assert.True(S3Place.TryParse(text, out var place));
        Assert.Equal(new S3Place(bucket, prefix), place);
    }

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3:///key")]
    [InlineData("s3://a")]
    [InlineData("s3://a b c/")]
    [InlineData("s3://user@host/")]
    [InlineData("my-trail/a")]
    public void TryParse_SomethingElse_IsRefused(string text) => Assert.False(S3Place.TryParse(text, out _));
}
