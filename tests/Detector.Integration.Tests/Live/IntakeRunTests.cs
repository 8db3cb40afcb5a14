using System.Net;
using System.Text;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

public sealed class IntakeRunTests : IDisposable
{
    private readonly HttpClient _http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sample_ExitAfterSample_TellsTheFourHeadlinesAndEnds()
    {
        using var deployment = new Deployment();

        await using var detector = deployment.Start("--sample", "--exit-after-sample");
        var exit = await detector.ExitAsync();

        Assert.Equal(0, exit);
        Assert.All(
            (string[])["root-usage", "admin-grant", "access-key-created-without-mfa", "key-pair-import"],
            slug => Assert.Contains(slug, detector.Out, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Run_PostedToTheIntake_EventsReachTheConsoleAndGarbageIsRefused()
    {
        using var deployment = new Deployment { More = "intake:\n  listen: 127.0.0.1:0\n" };
        await using var detector = await deployment.StartReadyAsync();
        var intake = detector.IntakeAddress;

        var taken = await PostAsync(intake, $"[{Trail.EventBridge(Trail.AdminGrant("drill-admin-1"))},{Trail.RootUse("drill-root-1", "198.51.100.7")}]");
        HttpStatusCode[] refused =
        [
            await PostAsync(intake, "garbage"),
            await PostAsync(intake, ""),
            await PostAsync(intake, """{"Records":[{"eventVersion":"1.11","""),
            await PostAsync(intake, $"[\"{new string('a', 2 * 1024 * 1024)}\"]"),
        ];
        await Eventually.TrueAsync(() => Marks.In(detector.Out.Split('\n')).Count == 2, "both alerts are on the console");
        var exit = await detector.StopAsync();

        Assert.Equal(HttpStatusCode.Accepted, taken);
        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge], refused);
        Assert.Equal(0, exit);
        Assert.Contains("admin-grant", detector.Out, StringComparison.Ordinal);
        Assert.Contains("root-usage", detector.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_KilledAfterTheIntakeHasTakenEvents_TheNextStartTellsThem()
    {
        using var deployment = new Deployment { More = "intake:\n  listen: 127.0.0.1:0\n" };
        await using var first = await deployment.StartReadyAsync();

        for (var number = 0; number < 50; number++)
            Assert.Equal(HttpStatusCode.Accepted, await PostAsync(first.IntakeAddress, Trail.EventBridge(Trail.AdminGrant($"drill-admin-{number}"))));
        await first.KillAsync();
        await using var second = await deployment.StartReadyAsync();
        await Eventually.TrueAsync(() => Marks.In(deployment.Alerts).Distinct().Count() == 50, "every event taken in is told");

        Assert.Equal(0, await second.StopAsync());
        Assert.InRange(Marks.In(deployment.Alerts).Count, 50, 51);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpStatusCode> PostAsync(Uri intake, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, intake) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        // A body that is too large is refused before it is sent, not by a connection that breaks in its middle.
        request.Headers.ExpectContinue = true;
        using var answer = await _http.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
