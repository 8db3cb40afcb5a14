using System.Text;
using Detector.Core.Integrity;
using FsCheck.Fluent;
using static Detector.Testing.SignedTrail;

namespace Detector.Tests.Integrity;

public sealed class IntegrityCheckTests
{
    private const int Hours = 30;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trail_AsDelivered_HasNoSignOfTampering(bool isCopy)
    {
        var integrity = SignedTrail.Of(5).Check(isCopy);

        Assert.Equal(isCopy ? TrailVerdict.Incomplete : TrailVerdict.Intact, integrity.Verdict);
        Assert.Equal((5, isCopy ? 4 : 5, 10, isCopy ? 8 : 10), (integrity.Digests, integrity.ProvenDigests, integrity.Logs, integrity.ProvenLogs));
        Assert.Equal(isCopy ? ["Unproven"] : [], integrity.Findings.Select(finding => finding.Fault.ToString()));
        Assert.Equal((Start, Start.AddHours(5)), (integrity.Covered!.Value.From, integrity.Covered.Value.To));
    }

    public static TheoryData<string, bool> Kinds =>
        [
            .. Tampering.All.Select(kind => new TheoryDataRow<string, bool>(kind.Name, false)),
            .. Tampering.All.Where(kind => kind.OfCopies).Select(kind => new TheoryDataRow<string, bool>(kind.Name, true)),
        ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Trail_TamperedWithInOneWay_ThatIsFoundAndNoOther(string kind, bool isCopy)
    {
        var trail = SignedTrail.Of(5);
        var expected = Tampering.All.Single(one => one.Name == kind).To(trail, 2, new Random(1));

        var integrity = trail.Check(isCopy);

        Assert.Equal(TrailVerdict.Broken, integrity.Verdict);
        Assert.Equal(expected.Order(), Found(integrity));
    }

    /// <summary>Whatever is done to a trail, in as many places: each is found, at its place, and nothing else is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trail_TamperedWith_EachIsFoundAndNoneInvented(bool isCopy)
    {
        var kinds = Tampering.All.Where(kind => kind.OfCopies || !isCopy).ToArray();
        Property.Holds(
            Gen.Choose(0, int.MaxValue - 1),
            seed =>
            {
                var random = new Random(seed);
                var trail = SignedTrail.Of(Hours);
                // Two hours lie between them, so that none hides another.
                var expected = Enumerable
                    .Range(0, random.Next(1, 8))
                    .SelectMany(place => random.GetItems(kinds, 1)[0].To(trail, 2 + 3 * place + random.Next(2), random))
                    .ToHashSet();

                var integrity = trail.Check(isCopy);

                Assert.Equal(TrailVerdict.Broken, integrity.Verdict);
                Assert.Equal(expected.Order(), Found(integrity));
            },
            tries: 60
        );
    }

    [Fact]
    public void NoKeys_IntactTrail_NothingIsProven()
    {
        var integrity = SignedTrail.Of(3).Check(keys: PublicKeys.None);

        Assert.Equal(TrailVerdict.Unknown, integrity.Verdict);
        Assert.Equal(0, integrity.ProvenLogs);
        Assert.Equal(IntegrityFault.Unproven, Assert.Single(integrity.Findings).Fault);
    }

    [Fact]
    public void NoKeys_AlteredDigest_IsFoundByTheHashInTheNext()
    {
        var trail = SignedTrail.Of(3);
        trail.Objects[trail.Digests[1]] = [.. trail.Objects[trail.Digests[1]], (byte)' '];

        Assert.Equal(TrailVerdict.Broken, trail.Check(isCopy: true, keys: PublicKeys.None).Verdict);
    }

    [Fact]
    public void OtherKey_SameFingerprint_DoesNotFit()
    {
        var trail = SignedTrail.Of(1);
        trail.SignFalsely(trail.Digests[0]);

        Assert.Equal("its signature does not fit what it holds", Assert.Single(trail.Check().Findings).Reason);
    }

    [Fact]
    public void Key_NotValidThen_ProvesNothing()
    {
        var past = OurKey with { Valid = new(Start.AddDays(-9), Start.AddDays(-8)) };

        Assert.EndsWith(
            "which was not valid then",
            Assert.Single(SignedTrail.Of(1).Check(keys: new PublicKeys([past])).Findings).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Key_Unknown_ProvesNothing()
    {
        var keys = new PublicKeys([OurKey with { Fingerprint = "ffff" }]);

        Assert.Equal([(IntegrityFault.DigestAltered, 3L)], SignedTrail.Of(3).Check(keys: keys).Counts.Select(count => (count.Key, count.Value)));
    }

    [Fact]
    public void Chain_BegunAnew_IsAGapAndNoTampering()
    {
        var trail = SignedTrail.Of(2);
        trail.Add(Start.AddHours(5), 1, begins: true);
        trail.Add(Start.AddHours(6), 1);

        var integrity = trail.Check();

        var gap = Assert.Single(integrity.Findings);
        Assert.Equal((IntegrityFault.Gap, "2026-11-01T02:00:00Z to 2026-11-01T05:00:00Z"), (gap.Fault, gap.Subject));
        Assert.Contains("begins anew", gap.Reason, StringComparison.Ordinal);
        Assert.Equal(TrailVerdict.Incomplete, integrity.Verdict);
    }

    [Fact]
    public void Chain_LinkedOverHoursWithoutDigest_IsAGap()
    {
        var trail = SignedTrail.Of(2);
        trail.Add(Start.AddHours(4), 1);

        Assert.Equal(IntegrityFault.Gap, Assert.Single(trail.Check().Findings).Fault);
    }

    [Fact]
    public void Digest_LastBeforeAnAlteredOneIsMissing_LeavesAGap()
    {
        var trail = SignedTrail.Of(6);
        trail.Objects[trail.Digests[3]] = "{"u8.ToArray();
        trail.Objects.Remove(trail.Digests[2]);

        var faults = trail.Check().Findings.Select(finding => finding.Fault);

        Assert.Equal([IntegrityFault.DigestAltered, IntegrityFault.Gap], faults.Distinct().Where(fault => fault != IntegrityFault.Uncovered));
    }

    [Fact]
    public void OldestDigests_Missing_AreTamperingOnlyIfTheirTimeWasAskedFor()
    {
        var trail = SignedTrail.Of(5);
        trail.Objects.Remove(trail.Digests[0]);
        trail.Objects.Remove(trail.Digests[1]);

        var open = trail.Check();
        var later = trail.Check(from: Start.AddHours(2));
        var earlier = trail.Check(from: Start.AddHours(1));

        Assert.Contains(open.Findings, finding => finding.Fault == IntegrityFault.Begins);
        Assert.Equal(TrailVerdict.Incomplete, open.Verdict);
        Assert.DoesNotContain(later.Findings, finding => finding.Fault is IntegrityFault.Begins or IntegrityFault.DigestMissing);
        Assert.Contains(earlier.Findings, finding => finding.Fault == IntegrityFault.DigestMissing && Key(finding) == trail.Digests[1]);
    }

    [Fact]
    public void NewestDigests_Missing_LeaveTheirLogsUncovered()
    {
        var trail = SignedTrail.Of(5);
        trail.Objects.Remove(trail.Digests[4]);

        var finding = Assert.Single(trail.Check().Findings);

        Assert.Equal(IntegrityFault.Uncovered, finding.Fault);
        Assert.StartsWith("2 log files", finding.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void Chain_ThatLoops_EndsInAFinding()
    {
        var trail = SignedTrail.Of(4);
        // The oldest names the newest as the one before it.
        var text = Encoding.UTF8.GetString(trail.Objects[trail.Digests[0]]);
        trail.Objects[trail.Digests[0]] = Encoding.UTF8.GetBytes(
            text.Replace("\"previousDigestS3Object\":null", $"\"previousDigestS3Object\":\"{trail.Digests[3]}\"", StringComparison.Ordinal)
        );
        // Nothing but the names tells how they follow each other.
        foreach (var digest in trail.Digests)
            trail.Objects[digest] = Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(trail.Objects[digest]).Replace("previousDigestHashValue", "x", StringComparison.Ordinal)
            );

        var integrity = trail.Check(keys: PublicKeys.None);

        Assert.Contains(integrity.Findings, finding => finding.Fault == IntegrityFault.ChainBroken && Key(finding) == trail.Digests[0]);
    }

    [Fact]
    public void Chain_ThatSkipsADigest_IsBroken()
    {
        var trail = SignedTrail.Of(2);
        var skipped = trail.Digests[1];
        trail.Digests.RemoveAt(1);
        trail.Add(Start.AddHours(2), 1);

        var finding = Assert.Single(trail.Check().Findings);

        Assert.Equal(IntegrityFault.ChainBroken, finding.Fault);
        Assert.Contains(skipped, finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Backfill_MadeLater_FillsTheGapOfItsLogs()
    {
        var trail = SignedTrail.Of(2);
        trail.Add(Start.AddHours(2), 2, suffix: "_backfill", backfilled: Start.AddDays(2));
        trail.Add(Start.AddHours(3), 2, begins: true);

        var integrity = trail.Check();

        Assert.Equal(4, integrity.ProvenDigests);
        Assert.Equal(8, integrity.ProvenLogs);
        Assert.Equal([IntegrityFault.Gap], integrity.Findings.Select(finding => finding.Fault));
    }

    [Fact]
    public void SeveralTrails_OneTamperedWith_TheOthersAreNot()
    {
        var first = SignedTrail.Of(3);
        var others = new[]
        {
            new SignedTrail(region: "us-east-1"),
            new SignedTrail(account: "444455556666"),
            new SignedTrail(trail: "main_trail_2", prefix: "org/"),
        };
        foreach (var other in others)
        {
            for (var hour = 0; hour < 3; hour++)
                other.Add(Start.AddHours(hour), 2);
            foreach (var (key, content) in other.Objects)
                first.Objects[key] = content;
            foreach (var (key, seal) in other.Seals)
                first.Seals[key] = seal;
        }
        first.Objects.Remove(others[1].Digests[1]);

        var integrity = first.Check();

        Assert.Equal(11, integrity.ProvenDigests);
        Assert.Equal((IntegrityFault.DigestMissing, others[1].Digests[1]), (integrity.Findings[0].Fault, Key(integrity.Findings[0])));
        Assert.Equal([IntegrityFault.DigestMissing, IntegrityFault.Uncovered], integrity.Findings.Select(finding => finding.Fault));
    }

    [Fact]
    public void Findings_TooMany_AreCounted()
    {
        var trail = SignedTrail.Of(2, logs: TrailIntegrity.MaxFindings);
        foreach (var log in trail.Logs.Values.SelectMany(logs => logs))
            trail.Objects[log] = [];

        var integrity = trail.Check();

        Assert.Equal(TrailIntegrity.MaxFindings, integrity.Findings.Count);
        Assert.Equal(trail.Logs.Values.Sum(logs => logs.Distinct().Count()), integrity.Counts[IntegrityFault.LogAltered]);
    }

    private static IEnumerable<(IntegrityFault, string)> Found(TrailIntegrity integrity) =>
        integrity.Findings.Where(finding => finding.Fault.IsTampering()).Select(finding => (finding.Fault, Key(finding))).Order();

    private static string Key(IntegrityFinding finding) => finding.Subject.Replace($"s3://{UsualBucket}/", "", StringComparison.Ordinal);
}
