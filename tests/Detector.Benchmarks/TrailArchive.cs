using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Detector.Benchmarks;

/// <summary>
/// Writes a made-up archive as CloudTrail lays it out, the same on every run: records of about 1.4 kB of a week in two accounts and three regions, among them a
/// few per mille that rules want and denied calls that come in bursts.
/// </summary>
internal static class TrailArchive
{
    private const int PerFile = 2_000;
    private const int Seconds = 7 * 24 * 3600;

    private static readonly DateTime Start = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] Accounts = ["111122223333", "444455556666"];
    private static readonly string[] Regions = ["eu-west-1", "us-east-1", "eu-central-1"];

    /// <summary>Writes so many events below a folder.</summary>
    public static void Write(string folder, int events)
    {
        for (var file = 0; file * PerFile < events; file++)
        {
            var account = Accounts[file % Accounts.Length];
            var region = Regions[file % Regions.Length];
            var first = Start.AddSeconds((long)file * PerFile * Seconds / events);
            var place = Path.Combine(folder, "AWSLogs", account, "CloudTrail", region, first.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture));
            Directory.CreateDirectory(place);
            var name = string.Create(CultureInfo.InvariantCulture, $"{account}_CloudTrail_{region}_{first:yyyyMMdd'T'HHmm'Z'}_{file:D16}.json.gz");
            using var packed = new GZipStream(File.Create(Path.Combine(place, name)), CompressionLevel.Optimal);
            packed.Write("{\"Records\":["u8);
            for (var number = file * PerFile; number < Math.Min(events, (file + 1) * PerFile); number++)
            {
                if (number > file * PerFile)
                    packed.WriteByte((byte)',');
                packed.Write(Encoding.UTF8.GetBytes(Record(number, account, region, Start.AddSeconds((long)number * Seconds / events))));
            }
            packed.Write("]}"u8);
        }
    }

    private static string Record(int number, string account, string region, DateTime time)
    {
        // Ids look like chance, which gzip cannot shrink, and are the same on every run.
        var random = new Random(number);
        var text = Workloads
            .Record(number)
            .Replace("\"eventTime\":\"2026-03-01T10:", "\"madeAt\":\"2026-03-01T10:", StringComparison.Ordinal)
            .Replace("111122223333", account, StringComparison.Ordinal)
            .Replace("\"eu-west-1\"", $"\"{region}\"", StringComparison.Ordinal)
            .Replace("\"requestID\":\"5b1c6a0e-0000-4000-8000-", $"\"requestID\":\"{Id(random)}-", StringComparison.Ordinal)
            .Replace("\"eventID\":\"0d2f7e1c-0000-4000-8000-", $"\"eventID\":\"{Id(random)}-", StringComparison.Ordinal)
            .Replace("\"awsRegion\"", $"\"eventTime\":\"{time:yyyy-MM-dd'T'HH:mm:ss'Z'}\",\"awsRegion\"", StringComparison.Ordinal);
        return (number % 1_000) switch
        {
            // A caller that may do nothing tries everything.
            < 15 => text.Replace("\"responseElements\":null", "\"errorCode\":\"AccessDenied\",\"responseElements\":null", StringComparison.Ordinal)
                .Replace($"/session-{number:D6}", "/session-curious", StringComparison.Ordinal),
            500 => text.Replace("\"type\":\"AssumedRole\"", "\"type\":\"Root\"", StringComparison.Ordinal),
            _ => text,
        };
    }

    private static string Id(Random random) => $"{random.Next():x8}-{random.Next(65536):x4}-4{random.Next(4096):x3}-a{random.Next(4096):x3}";
}
