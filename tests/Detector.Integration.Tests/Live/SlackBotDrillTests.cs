using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Detector.Integration.Tests.Aws;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Detector.Integration.Tests.Live;

/// <summary>Killed while the bot posts: nothing is lost, at most the post under way is repeated, and the first message's count is right afterwards.</summary>
public partial class SlackBotDrillTests
{
    private const int Kills = 4;
    private const int Alerts = 30;

    [Fact]
    public async Task Run_KilledWhilePosting_LosesNoAlertAndCountsRight()
    {
        var slack = new SlackWorkspace();
        await using var server = await StartAsync(slack);
        using var deployment = new Deployment
        {
            More = $"intake:\n  listen: 127.0.0.1:0\nslack:\n  token: {SlackWorkspace.Token}\n  channel: C0SECURITY\n  apiUrl: {server.Urls.Single()}/api/\n",
        };
        var first = await deployment.StartReadyAsync();
        await PostAsync(first);

        for (var life = 1; life <= Kills; life++)
        {
            var posts = slack.Messages.Count + 3;
            await Eventually.TrueAsync(() => slack.Messages.Count >= Math.Min(posts, Alerts), "the bot posts");
            await first.KillAsync();
            await first.DisposeAsync();
            first = await deployment.StartReadyAsync();
        }
        await Eventually.TrueAsync(() => deployment.Pending == 0, "the outbox is empty");
        var exit = await first.StopAsync();
        await first.DisposeAsync();

        Assert.Equal(0, exit);
        // So many grants meet another rule, too, which has an incident of its own.
        var told = slack.Messages.Where(message => message.Body.Contains("u0060admin-grant", StringComparison.Ordinal)).ToList();
        var heads = told.Where(message => message.Thread is null).ToList();
        var marks = Marks.In(told.Select(message => message.Body));
        Assert.Equal(Alerts, marks.Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(marks.Count, Alerts, Alerts + Kills);
        // A head whose note was lost with the process counts nothing; the other counts all.
        Assert.Equal(Alerts, heads.Max(head => CountOf(head.Body)));
        Assert.InRange(heads.Count, 1, 2);
    }

    private static int CountOf(string body) => Count().Match(body) is { Success: true } match ? int.Parse(match.Groups["alerts"].Value) : 1;

    private static async Task PostAsync(DetectorProcess detector)
    {
        using var http = new HttpClient();
        var begin = DateTimeOffset.UtcNow.AddMinutes(-2);
        for (var number = 0; number < Alerts; number++)
        {
            var record = Trail.AdminGrant($"drill-admin-{number}").At(begin.AddSeconds(number));
            record["userIdentity"]!["arn"] = $"arn:aws:iam::111122223333:user/mallory";
            using var content = new StringContent(Trail.EventBridge(record), Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(detector.IntakeAddress, content);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }
    }

    /// <summary>The workspace on a port, a little slow, so that a kill finds a call under way.</summary>
    private static async Task<WebApplication> StartAsync(SlackWorkspace slack)
    {
        var server = LocalServer.Make();
        server.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            var answer = slack.Call(http.Request.Path.Value!.Split('/')[^1], http.Request.Headers.Authorization, body);
            await Task.Delay(20);
            http.Response.StatusCode = answer.Status;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(answer.Body);
        });
        await server.StartAsync();
        return server;
    }

    [GeneratedRegex(@"\((?<alerts>\d+) alerts\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Count();
}
