using System.Text;
using Detector.Core.Integrity;

namespace Detector.Tests.Integrity;

public sealed class PublicKeysTests
{
    [Theory]
    [InlineData("\"2026-10-01T00:00:00+00:00\"", "\"2026-12-01T00:00:00Z\"")]
    [InlineData("1790812800.0", "1796083200")]
    public void Read_AsTheCliOrTheServiceAnswers_IsTheKey(string from, string to)
    {
        var value = Convert.ToBase64String(SignedTrail.OurKey.Value.Span);
        var json = $$"""{"PublicKeyList":[{"Value":"{{value}}","ValidityStartTime":{{from}},"ValidityEndTime":{{to}},"Fingerprint":"ab"}]}""";

        var key = Assert.Single(PublicKeys.Read(Encoding.UTF8.GetBytes(json)));

        Assert.Equal("ab", key.Fingerprint);
        Assert.Equal((new DateTimeOffset(2026, 10, 1, 0, 0, 0, default), new DateTimeOffset(2026, 12, 1, 0, 0, 0, default)), (key.Valid.From, key.Valid.To));
        Assert.True(key.Value.Span.SequenceEqual(SignedTrail.OurKey.Value.Span));
    }

    [Theory]
    [InlineData("[]", "there is no PublicKeyList")]
    [InlineData("{", "it is no JSON")]
    [InlineData("""{"PublicKeyList":{}}""", "PublicKeyList is no array")]
    [InlineData("""{"PublicKeyList":[1]}""", "a public key is no object")]
    [InlineData("""{"PublicKeyList":[{"Value":"x"}]}""", "a public key has no Fingerprint")]
    [InlineData("""{"PublicKeyList":[{"Fingerprint":"ab","Value":"!"}]}""", "the Value of the public key ab is no base64")]
    public void Read_AnythingElse_SaysWhatIsWrong(string json, string reason) =>
        Assert.Equal(reason, Assert.Throws<FormatException>(() => PublicKeys.Read(Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void Fits_NoKey_IsFalse() => Assert.False((SignedTrail.OurKey with { Value = new byte[] { 1, 2, 3 } }).Fits([1], [2]));
}
