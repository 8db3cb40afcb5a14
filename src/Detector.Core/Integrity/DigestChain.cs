using System.Globalization;

namespace Detector.Core.Integrity;

/// <summary>How far a digest is to be trusted.</summary>
public enum DigestProof
{
    /// <summary>Its signature fits.</summary>
    Proven,

    /// <summary>Nothing speaks against it, and no signature could be checked.</summary>
    Unproven,

    /// <summary>It is not what was signed.</summary>
    Refuted,
}

/// <summary>
/// The digests of one trail, account and region, each of which names the one before it. Judged from the newest to the oldest, because a digest tells the hash and
/// the signature of the one before: so those of a copy that lost what S3 keeps beside it can be proven all the same, but for the newest.
/// </summary>
/// <param name="keys">Those that signatures are checked by.</param>
/// <param name="from">From when on digests were asked for; null for all that there are.</param>
/// <param name="tell">Gets what is wrong.</param>
internal sealed class DigestChain(PublicKeys keys, DateTimeOffset? from, Action<IntegrityFinding> tell)
{
    private readonly List<(FoundDigest Digest, DigestProof Proof)> _judged = [];
    private readonly List<(string Digest, string Reason)> _unproven = [];

    /// <summary>The digests, the oldest first, with what is to be thought of each.</summary>
    public IReadOnlyList<(FoundDigest Digest, DigestProof Proof)> Judge(IEnumerable<FoundDigest> found)
    {
        var digests = found.OrderBy(digest => digest.End).ThenBy(digest => digest.Name, StringComparer.Ordinal).ToList();
        var claims = new Dictionary<string, List<FoundDigest>>(StringComparer.Ordinal);
        for (var i = digests.Count - 1; i >= 0; i--)
        {
            var digest = digests[i];
            var (proof, reason) = Judge(digest, claims.GetValueOrDefault(digest.Place.File) ?? []);
            _judged.Add((digest, proof));
            if (proof is DigestProof.Refuted)
                tell(new IntegrityFinding(IntegrityFault.DigestAltered, digest.Name, reason));
            else if (proof is DigestProof.Unproven)
                _unproven.Add((digest.Name, reason));
            if (proof is DigestProof.Refuted || digest.Content?.Previous is not { } previous)
                continue;
            var named = ObjectPlace.FileOf(previous.Key);
            if (!claims.TryGetValue(named, out var same))
                claims.Add(named, same = []);
            same.Add(digest);
        }
        foreach (var reason in _unproven.GroupBy(one => one.Reason, one => one.Digest, StringComparer.Ordinal))
            tell(new IntegrityFinding(IntegrityFault.Unproven, Several(reason.Order(StringComparer.Ordinal).ToList()), reason.Key));
        _judged.Reverse();
        return _judged;
    }

    /// <summary>Tells where digests do not follow each other.</summary>
    public void Follow()
    {
        var names = _judged.ToLookup(one => one.Digest.Place.File, one => one.Digest, StringComparer.Ordinal);
        var covered = DateTimeOffset.MinValue;
        for (var i = 0; i < _judged.Count; i++)
        {
            var (digest, proof) = _judged[i];
            var before = i == 0 ? null : _judged[i - 1].Digest;
            var isMissing = proof is not DigestProof.Refuted && digest.Content?.Previous is { } previous && Follows(digest, previous, before, names);
            if (before is not null && digest.Start(proof) > covered && !isMissing)
                Gap(digest, covered, proof);
            covered = digest.End > covered ? digest.End : covered;
        }
    }

    /// <summary>Names of a list; of a long one the first and how many.</summary>
    private static string Several(List<string> names) =>
        names.Count == 1 ? names[0] : string.Create(CultureInfo.InvariantCulture, $"{names.Count} digests, {names[0]} to {names[^1]}");

    private (DigestProof Proof, string Reason) Judge(FoundDigest digest, List<FoundDigest> named)
    {
        if (digest.Content is not { } content)
            return (DigestProof.Refuted, digest.Problem ?? "it cannot be read");
        if (!digest.Place.Is(content.Key))
            return (DigestProof.Refuted, $"it was delivered to {content.Key}");
        var hash = Convert.ToHexStringLower(digest.Hash.Span);
        foreach (var later in named)
        {
            if (later.Content!.Previous!.Hash is { } claimed && !string.Equals(claimed, hash, StringComparison.OrdinalIgnoreCase))
                return (DigestProof.Refuted, $"its content is not what {later.Name} says of it");
        }
        if (digest.Seal.Algorithm is not null and not DigestSeal.KnownAlgorithm)
            return (DigestProof.Refuted, "its signature-algorithm is not SHA256withRSA");
        if (keys.AreNone)
            return (DigestProof.Unproven, "there are no public keys to check its signature by");
        if (
            (digest.Seal.Signature ?? named.Select(later => later.Content!.PreviousSignature).FirstOrDefault(signature => signature is not null))
            is not { } seal
        )
            return (DigestProof.Unproven, "its signature is not at hand: S3 keeps it beside the file, and no later digest tells it");
        return keys.WhatIsWrong(content, digest.Hash.Span, seal, digest.Seal.Backfilled) is { } wrong ? (DigestProof.Refuted, wrong) : (DigestProof.Proven, "");
    }

    /// <summary>Tells what is wrong with a digest's word of the one before it; returns whether that one is missing.</summary>
    private bool Follows(FoundDigest digest, PreviousDigest previous, FoundDigest? before, ILookup<string, FoundDigest> names)
    {
        var named = ObjectPlace.FileOf(previous.Key);
        if (before is not null && names[named].Contains(before))
            return false;
        if (names[named].FirstOrDefault() is { } other)
        {
            var reason =
                other.End >= digest.End
                    ? $"it names {other.Name}, which is not older, as the one before it"
                    : $"it names {other.Name} as the one before it, but {before!.Name} lies between them";
            tell(new IntegrityFinding(IntegrityFault.ChainBroken, digest.Name, reason));
            return false;
        }
        var isOutside = before is null && (from is null || digest.Content!.Start <= from);
        if (isOutside && from is not null)
            return true;
        var subject = digest.Place.Bucket is { } bucket ? $"s3://{previous.Bucket ?? bucket}/{previous.Key}" : previous.Key;
        tell(
            isOutside
                ? new IntegrityFinding(IntegrityFault.Begins, digest.Name, $"the digest before it, {subject}, is not here; what it covered cannot be told")
                : new IntegrityFinding(IntegrityFault.DigestMissing, subject, $"{digest.Name} names it as the one before it")
        );
        return true;
    }

    private void Gap(FoundDigest digest, DateTimeOffset since, DigestProof proof)
    {
        var reason =
            proof is not DigestProof.Refuted && digest.Content is { Previous: null }
                ? "the chain of digests begins anew: CloudTrail wrote none meanwhile, as when logging or validation was switched off"
                : "no digest covers it";
        tell(new IntegrityFinding(IntegrityFault.Gap, $"{Time(since)} to {Time(digest.Start(proof))}", $"{reason} (before {digest.Name})"));
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
