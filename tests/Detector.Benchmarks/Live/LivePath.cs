using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Detector.Benchmarks.Live;

/// <summary>
/// The live path of the real program in a process of its own, with a ledger in a file: how fast it is, and how long an alert takes from the answer that holds its message to
/// the request that tells Slack. As docs/performance.md shows it.
/// </summary>
internal static partial class LivePath
{
    /// <summary>One event in so many is an alert.</summary>
    private const int AlertEvery = 50;

    /// <summary>One event in so many begins a session, which is learned: busy accounts take roles all the time.</summary>
    private const int SessionEvery = 8;

    /// <summary>Events come at a pace.</summary>
    /// <exception cref="InvalidOperationException">Something was lost.</exception>
    public static async Task PaceAsync(TextWriter output, int rate, int seconds)
    {
        await using var queue = await QueueAndSlack.StartAsync();
        await using var program = await LiveProgram.StartAsync(queue);
        // What a program does only once (compiling, connecting) is no part of it.
        await FeedAsync(queue, 0, rate, TimeSpan.FromSeconds(5));
        await DoneAsync(queue, rate * 5);
        var before = program.Used;
        var watch = Stopwatch.StartNew();
        await FeedAsync(queue, rate * 5, rate, TimeSpan.FromSeconds(seconds));
        await DoneAsync(queue, rate * (5 + seconds));
        var told = Told(queue, rate * 5, rate * (5 + seconds));
        output.WriteLine(
            "| events a second | alerts | median, ms | p99, ms | worst, ms | processor, % of one core | most messages in work | peak memory, MB |\n|---|---|---|---|---|---|---|---|"
        );
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {rate:N0} | {told.Count} | {told[told.Count / 2]:N1} | {told[told.Count * 99 / 100]:N1} | {told[^1]:N1} | {(program.Used - before) / watch.Elapsed * 100:N0} | {queue.MostOut} | {program.PeakMemory >> 20} |"
            )
        );
    }

    /// <summary>All events are there at once.</summary>
    /// <exception cref="InvalidOperationException">Something was lost.</exception>
    public static async Task FullAsync(TextWriter output, int events)
    {
        await using var queue = await QueueAndSlack.StartAsync();
        for (var number = 0; number < events; number++)
            Send(queue, number);
        var (started, used) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        await using var program = await LiveProgram.StartAsync(queue);
        await DoneAsync(queue, events);
        var took = started.Elapsed;
        var ours = Process.GetCurrentProcess().TotalProcessorTime - used;
        _ = Told(queue, 0, events);
        output.WriteLine(
            "| events | events a second | processor of the program, us an event | of the queue and Slack | most messages in work | peak memory, MB |\n|---|---|---|---|---|---|"
        );
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {events:N0} | {events / took.TotalSeconds:N0} | {program.Used.TotalMicroseconds / events:N0} | {ours.TotalMicroseconds / events:N0} | {queue.MostOut} | {program.PeakMemory >> 20} |"
            )
        );
    }

    private static async Task FeedAsync(QueueAndSlack queue, int first, int rate, TimeSpan length)
    {
        var (watch, sent) = (Stopwatch.StartNew(), 0);
        while (sent < rate * length.TotalSeconds)
        {
            for (var due = Math.Min(watch.Elapsed.TotalSeconds, length.TotalSeconds) * rate; sent < due; sent++)
                Send(queue, first + sent);
            await Task.Delay(5);
        }
    }

    private static void Send(QueueAndSlack queue, int number)
    {
        if (number % AlertEvery == 0)
            queue.Send(Alert(number), $"mark-{number}");
        else
            queue.Send(number % SessionEvery == 0 ? Session(number) : Workloads.Envelope(number), mark: null);
    }

    private static async Task DoneAsync(QueueAndSlack queue, int events)
    {
        var watch = Stopwatch.StartNew();
        while (queue.Deleted < events || queue.Told.Count < (events + AlertEvery - 1) / AlertEvery)
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(5))
                throw new InvalidOperationException($"of {events} events {queue.Deleted} were acknowledged and {queue.Told.Count} told");
            await Task.Delay(20);
        }
    }

    private static List<double> Told(QueueAndSlack queue, int first, int end) =>
        [
            .. queue
                .Told.Where(told =>
                    int.Parse(told.Key.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture) is var number && number >= first && number < end
                )
                .Select(told => told.Value)
                .Order(),
        ];

    /// <summary>access-key-created-without-mfa, each by another user.</summary>
    private static byte[] Alert(int number)
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes(
            $$$"""{"version":"0","id":"{{{number}}}","detail-type":"AWS API Call via CloudTrail","source":"aws.iam","account":"111122223333","time":"{{{now}}}","region":"us-east-1","resources":[],"detail":{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/person-{{{number}}}","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE{{{number:D9}}}","userName":"person-{{{number}}}"},"eventTime":"{{{now}}}","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.77","userAgent":"mark-{{{number}}}","requestParameters":{"userName":"somebody-else"},"responseElements":null,"eventID":"alert-{{{number}}}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"""
        );
    }

    /// <summary>A pipeline takes a role.</summary>
    private static byte[] Session(int number)
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes(
            $$$"""{"version":"0","id":"{{{number}}}","detail-type":"AWS API Call via CloudTrail","source":"aws.sts","account":"111122223333","time":"{{{now}}}","region":"eu-west-1","resources":[],"detail":{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/pipeline","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEPIPELINE","userName":"pipeline"},"eventTime":"{{{now}}}","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.78","userAgent":"aws-cli/2.17.0","requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/deploy","roleSessionName":"build-{{{number}}}"},"responseElements":{"credentials":{"accessKeyId":"ASIAEXAMPLE{{{number:D9}}}","sessionToken":"redacted","expiration":"{{{now}}}"},"assumedRoleUser":{"assumedRoleId":"AROAEXAMPLEDEPLOY:build-{{{number}}}","arn":"arn:aws:sts::111122223333:assumed-role/deploy/build-{{{number}}}"}},"eventID":"session-{{{number}}}","readOnly":true,"eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"""
        );
    }

    [GeneratedRegex("mark-[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    public static partial Regex Mark();
}
