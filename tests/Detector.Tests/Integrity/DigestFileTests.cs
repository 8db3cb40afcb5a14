using System.Text;
using Detector.Core.Integrity;
using FsCheck.Fluent;

namespace Detector.Tests.Integrity;

public sealed class DigestFileTests
{
    private static string Sound => Encoding.UTF8.GetString(SignedTrail.Of(2).Objects[SignedTrail.Of(2).Digests[1]]);

    [Fact]
    public void TryRead_Sound_TellsAll()
    {
        var trail = SignedTrail.Of(2);

        Assert.True(DigestFile.TryRead(trail.Objects[trail.Digests[1]], out var digest, out _));

        Assert.Equal((SignedTrail.Start.AddHours(1), SignedTrail.Start.AddHours(2), "2026-11-01T02:00:00Z"), (digest.Start, digest.End, digest.EndText));
        Assert.Equal((SignedTrail.UsualBucket, trail.Digests[1], SignedTrail.Fingerprint), (digest.Bucket, digest.Key, digest.Fingerprint));
        Assert.Equal((SignedTrail.UsualBucket, trail.Digests[0]), (digest.Previous!.Bucket, digest.Previous.Key));
        Assert.Equal(trail.Seals[trail.Digests[0]].Signature, digest.PreviousSignature);
        Assert.Equal(trail.Logs[trail.Digests[1]], digest.Logs.Select(log => log.Key));
    }

    [Theory]
    [InlineData("\"digestStartTime\":\"2026-11-01T01:00:00Z\"", "\"digestStartTime\":7", "its digestStartTime is no text")]
    [InlineData("\"digestEndTime\":\"2026-11-01T02:00:00Z\"", "\"digestEndTime\":\"soon\"", "its digestEndTime is no time")]
    [InlineData("\"digestS3Bucket\":\"my-trail\"", "\"x\":1", "it has no digestS3Bucket")]
    [InlineData("SHA256withRSA", "MD5withRSA", "its digestSignatureAlgorithm is not SHA256withRSA")]
    [InlineData("\"hashAlgorithm\":\"SHA-256\"", "\"hashAlgorithm\":\"MD5\"", "its hashAlgorithm is not SHA-256")]
    [InlineData("\"logFiles\":[{", "\"logFiles\":[7,{", "one of its logFiles is no object")]
    [InlineData("\"logFiles\":", "\"logFile\":", "its logFiles is no array")]
    [InlineData("\"previousDigestSignature\"", "\"p\"", "it has no previousDigestSignature")]
    [InlineData("SHA256withRSA", "\\ud800", "a text in it is no UTF-8")]
    public void TryRead_Wrong_SaysWhat(string part, string instead, string reason)
    {
        Assert.False(DigestFile.TryRead(Encoding.UTF8.GetBytes(Sound.Replace(part, instead, StringComparison.Ordinal)), out _, out var problem));
        Assert.Equal(reason, problem);
    }

    [Fact]
    public void TryRead_Anything_NeverThrows() =>
        Property.Holds(
            Gen.Choose(0, int.MaxValue - 1),
            seed =>
            {
                var random = new Random(seed);
                var bytes = Encoding.UTF8.GetBytes(Sound);
                for (var i = random.Next(1, 30); i > 0; i--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                var isRead = DigestFile.TryRead(bytes.AsMemory(0, random.Next(bytes.Length + 1)), out var digest, out var problem);
                Assert.Equal(isRead, digest is not null);
                Assert.Equal(isRead, problem is null);
            }
        );

    [Theory]
    [InlineData("111122223333_CloudTrail-Digest_eu-west-1_my_trail_us-east-1_20261101T020000Z.json.gz", "my_trail_us-east-1", false)]
    [InlineData("111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20261101T020000Z_backfill.json", "t_us-east-1", true)]
    public void NameOf_Digest_IsReadFromBothEnds(string name, string trail, bool isBackfill) =>
        Assert.Equal(new DigestName("111122223333", "eu-west-1", trail, SignedTrail.Start.AddHours(2), isBackfill), DigestName.Of($"a/{name}"));

    [Theory]
    [InlineData("111122223333_CloudTrail_eu-west-1_20261101T0200Z_x.json.gz")]
    [InlineData("111122223333_CloudTrail-Digest_eu-west-1_20261101T020000Z.json.gz")]
    [InlineData("111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20261301T020000Z.json.gz")]
    [InlineData("..")]
    public void NameOf_AnythingElse_IsNone(string name) => Assert.Null(DigestName.Of(name));
}
