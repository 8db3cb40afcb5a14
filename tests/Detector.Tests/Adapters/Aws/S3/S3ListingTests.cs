using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Files;
using Detector.Core.Events;

namespace Detector.Tests.Adapters.Aws.S3;

public sealed class S3ListingTests
{
    private static readonly DateTimeOffset Start = new(2026, 10, 25, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Going down the folders gives what listing every key and looking at each would.</summary>
    [Fact]
    public async Task ReadAsync_AnyLayoutPlaceAndScope_GivesWhatIsWantedOfAllKeysOnce()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var keys = Enumerable.Range(0, random.Next(1, 150)).Select(_ => Key(random)).ToHashSet(StringComparer.Ordinal);
            var some = keys.ElementAt(random.Next(keys.Count));
            var prefix = random.Next(3) == 0 ? "" : some[..random.Next(some.Length)];
            var scope = Scope(random);
            using var s3 = new FakeBucket(keys, pageSize: random.Next(1, 20));

            var found = await ReadAsync(s3, prefix, scope);

            var wanted = keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && scope.MayHold(TrailPath.Of(key)));
            Assert.True(wanted.Order(StringComparer.Ordinal).SequenceEqual(found.Order(StringComparer.Ordinal)), $"seed {seed}");
            Assert.Equal(found, await ReadAsync(s3, prefix, scope));
            Assert.DoesNotContain(s3.Asked, asked => asked != prefix && !scope.MayHold(TrailPath.Of(asked)));
        }
    }

    [Fact]
    public async Task ReadAsync_WeekOfOneRegionInYears_AsksForAFewFolders()
    {
        var keys = Enumerable
            .Range(0, 1000)
            .SelectMany(day => new[] { "eu-west-1", "us-east-1", "us-west-2" }.Select(region => (Day: Start.AddDays(-day), Region: region)))
            .Select(one => $"AWSLogs/111122223333/CloudTrail/{one.Region}/{one.Day:yyyy'/'MM'/'dd}/a.json.gz");
        using var s3 = new FakeBucket(keys, pageSize: 1000);
        var scope = new TrailScope(new TimeRange(Start.AddDays(-20), Start.AddDays(-14).AddTicks(-1)), [], ["eu-west-1"]);

        var found = await ReadAsync(s3, "", scope);

        // Six days and the one after, and on the way to them the bucket, AWSLogs, the account, CloudTrail, the region, the year and the month.
        Assert.Equal(7, found.Count);
        Assert.Equal(14, s3.Asked.Count);
    }

    private static async Task<List<string>> ReadAsync(FakeBucket s3, string prefix, TrailScope scope)
    {
        var found = new S3Listing(s3, new S3Place("bucket", prefix), scope).ReadAsync(unread => Assert.Fail(unread.Reason), Cancellation);
        return await found.Select(one => one.Key).ToListAsync(Cancellation);
    }

    private static string Key(Random random)
    {
        var time = Start.AddHours(random.Next(0, 20 * 24));
        var (account, region) = (One("111122223333", "444455556666"), One("eu-west-1", "us-east-1"));
        var root = One("", "a/", "a/b/c/d/") + "AWSLogs/" + One("", "", "o-abc/");
        var day = $"{root}{account}/{One("CloudTrail", "CloudTrail", "CloudTrail", "CloudTrail-Digest", "Config")}/{region}/{time:yyyy'/'MM'/'dd}/";
        var name = $"{account}_CloudTrail_{region}_{time:yyyyMMdd'T'HHmm'Z'}_{random.Next(1000)}.json.gz";
        return random.Next(8) switch
        {
            0 => One("", "flat/", "x/y/z/w/") + name,
            1 => One("", "flat/", root, $"{root}{account}/", $"{root}{account}/CloudTrail/{region}/odd/") + $"{random.Next(1000)}.json",
            _ => day + name,
        };

        string One(params string[] choices) => choices[random.Next(choices.Length)];
    }

    private static TrailScope Scope(Random random)
    {
        var from = Start.AddHours(random.Next(0, 20 * 24));
        DateTimeOffset? first = random.Next(2) == 0 ? from : null;
        DateTimeOffset? last = random.Next(2) == 0 ? from.AddHours(random.Next(0, 15 * 24)) : null;
        return new TrailScope(new TimeRange(first, last), random.Next(2) == 0 ? ["111122223333"] : [], random.Next(2) == 0 ? ["eu-west-1"] : []);
    }

    /// <summary>Answers lists as S3 does; the token is the last key or folder told.</summary>
    private sealed class FakeBucket(IEnumerable<string> keys, int pageSize) : AmazonS3Client(new AnonymousAWSCredentials(), RegionEndpoint.USEast1)
    {
        private readonly List<string> _keys = [.. keys.Order(StringComparer.Ordinal)];

        public List<string> Asked { get; } = [];

        public override async Task<ListObjectsV2Response> ListObjectsV2Async(ListObjectsV2Request request, CancellationToken cancellationToken = default)
        {
            Asked.Add(request.Prefix);
            await Task.Yield();
            var told = _keys
                .Where(key => key.StartsWith(request.Prefix, StringComparison.Ordinal))
                .Select(key => Folder(key, request) ?? key)
                .Distinct(StringComparer.Ordinal)
                .Where(one => string.CompareOrdinal(one, request.ContinuationToken) > 0)
                .ToList();
            var page = told.Take(pageSize).ToList();
            bool IsFolder(string one) => request.Delimiter is not null && one.EndsWith('/') && !_keys.Contains(one, StringComparer.Ordinal);
            return new ListObjectsV2Response
            {
                S3Objects = page.Exists(one => !IsFolder(one)) ? [.. page.Where(one => !IsFolder(one)).Select(key => new S3Object { Key = key })] : null,
                CommonPrefixes = page.Exists(IsFolder) ? page.FindAll(IsFolder) : null,
                IsTruncated = told.Count > pageSize,
                NextContinuationToken = told.Count > pageSize ? page[^1] : null,
            };
        }

        private static string? Folder(string key, ListObjectsV2Request request)
        {
            var slash = request.Delimiter is null ? -1 : key.IndexOf('/', request.Prefix.Length);
            return slash < 0 ? null : key[..(slash + 1)];
        }
    }
}
