using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Aws;

/// <summary>An invented archive in CloudTrail's layout: of each account, region and day two files, one of them with a key pair import among quiet records.</summary>
internal sealed class MadeArchive
{
    public const string First = "111122223333";
    public const string Second = "444455556666";

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>Keys and contents.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files;

    /// <summary>How many alerts it holds.</summary>
    public int Alerts { get; private set; }

    /// <param name="prefix">What stands before <c>AWSLogs</c>.</param>
    /// <param name="from">The first day.</param>
    /// <param name="days">How many days.</param>
    public static MadeArchive Make(string prefix, DateTimeOffset from, int days)
    {
        var archive = new MadeArchive();
        foreach (var account in (string[])[First, Second])
        {
            foreach (var region in (string[])["eu-west-1", "us-east-1"])
            {
                for (var day = from; day < from.AddDays(days); day = day.AddDays(1))
                    archive.Add(prefix, account, region, day);
            }
            archive._files[$"{prefix}AWSLogs/{account}/CloudTrail-Digest/eu-west-1/{from:yyyy'/'MM'/'dd}/{account}_CloudTrail-Digest_eu-west-1_t.json.gz"] =
                Gzip("{}");
            archive._files[$"{prefix}AWSLogs/{account}/elasticloadbalancing/eu-west-1/{from:yyyy'/'MM'/'dd}/x.log.gz"] = Gzip("no JSON");
        }
        return archive;
    }

    public static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    public async Task UploadAsync(IAmazonS3 s3, string bucket)
    {
        foreach (var (key, content) in _files)
        {
            await s3.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = bucket,
                    Key = key,
                    InputStream = new MemoryStream(content),
                }
            );
        }
    }

    public void Save(string folder)
    {
        foreach (var (key, content) in _files)
        {
            var path = Path.Combine(folder, key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }

    private void Add(string prefix, string account, string region, DateTimeOffset day)
    {
        for (var hour = 9; hour < 11; hour++)
        {
            var time = day.AddHours(hour);
            var mark = $"{account[..4]}-{region}-{time:MMddHH}";
            List<JsonObject> records = [Trail.Quiet(mark), Trail.Quiet(mark)];
            if (hour == 9)
            {
                records.Add(Trail.KeyPairImport(mark));
                Alerts++;
            }
            foreach (var record in records)
            {
                record.At(time);
                (record["recipientAccountId"], record["awsRegion"]) = (account, region);
            }
            var key =
                $"{prefix}AWSLogs/{account}/CloudTrail/{region}/{time:yyyy'/'MM'/'dd}/{account}_CloudTrail_{region}_{time.AddMinutes(5):yyyyMMdd'T'HHmm'Z'}_{mark}.json.gz";
            _files[key] = Gzip(Trail.Records([.. records.Select(record => record.ToJsonString())]));
        }
    }
}
