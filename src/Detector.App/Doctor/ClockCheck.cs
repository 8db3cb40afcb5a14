using System.Globalization;
using Detector.App.Options;

namespace Detector.App.Doctor;

/// <summary>Whether this machine's clock is right: AWS refuses requests that are five minutes off, and event time never passes the clock.</summary>
internal static class ClockCheck
{
    private static readonly TimeSpan Doubtful = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Wrong = TimeSpan.FromMinutes(4);

    public static async Task<IReadOnlyList<Finding>> LookAsync(QueueOptions queue, HttpClient web, TimeProvider time, CancellationToken cancellation)
    {
        var place = queue.ServiceUrl ?? new Uri(queue.Url.GetLeftPart(UriPartial.Authority));
        try
        {
            using var answer = await web.GetAsync(place, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (answer.Headers.Date is not { } theirs)
                return [Finding.Unknown("clock", $"{place.Host} does not tell the time", "compare the clock with another, by NTP")];
            var skew = time.GetUtcNow() - theirs;
            var told = string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Abs(skew.TotalSeconds):0} s {(skew < TimeSpan.Zero ? "behind" : "ahead of")} {place.Host}"
            );
            return
            [
                skew.Duration() >= Wrong ? Finding.Problem("clock", told, "set the clock by NTP: AWS refuses what is signed five minutes off")
                : skew.Duration() >= Doubtful ? Finding.Warning("clock", told, "set the clock by NTP")
                : Finding.Ok("clock", told),
            ];
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return [Finding.Unknown("clock", $"{place.Host} cannot be reached: {e.Message}", "let the program reach the queue's endpoint")];
        }
    }
}
