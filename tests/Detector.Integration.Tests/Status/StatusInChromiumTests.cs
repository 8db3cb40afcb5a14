using System.Collections.Concurrent;
using Detector.Integration.Tests.Live;
using Detector.Integration.Tests.Reports;
using PuppeteerSharp;

namespace Detector.Integration.Tests.Status;

/// <summary>The page of a detector that runs, in a browser.</summary>
public sealed class StatusInChromiumTests(ReportFixture browser) : IClassFixture<ReportFixture>
{
    private const string Hostile =
        """</code></td><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><style>*{display:none}</style><meta http-equiv=refresh content=\"0;url=http://evil.example\"><a href=\"javascript:document.title='owned'\">x</a>\u202egnp.exe &lt;b&gt; ${7*7} {{7*7}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_HostileEvents_AreTextAndNothingRunsOrIsLoaded()
    {
        // A browser first: without one there is nothing to start a detector for.
        await browser.BrowserAsync();
        using var deployment = new Deployment { More = "intake:\n  listen: 127.0.0.1:0\n" };
        await using var detector = await deployment.StartReadyAsync();
        using var http = new HttpClient();
        foreach (var number in Enumerable.Range(0, 3))
        {
            using var answer = await http.PostAsync(detector.IntakeAddress, new StringContent(Record(number)), Cancel);
            answer.EnsureSuccessStatusCode();
        }
        await Aws.Eventually.TrueAsync(() => deployment.Alerts.Count > 0, "an alert is out");
        await using var tab = await (await browser.BrowserAsync()).NewPageAsync();
        await tab.SetViewportAsync(new ViewPortOptions { Width = 390, Height = 844 });
        var (asked, said) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        tab.Request += (_, request) => asked.Enqueue(request.Request.Url);
        tab.Dialog += (_, dialog) => said.Enqueue(dialog.Dialog.Message);

        var answered = await tab.GoToAsync(detector.PageAddress.AbsoluteUri, WaitUntilNavigation.Load);

        var text = await tab.EvaluateExpressionAsync<string>("document.body.innerText");
        Assert.Contains("<script>document.title='owned'</script>", text, StringComparison.Ordinal);
        Assert.Contains("${7*7} {{7*7}}", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', text);
        Assert.Equal("Detector", await tab.EvaluateExpressionAsync<string>("document.title"));
        Assert.Equal(0, await tab.EvaluateExpressionAsync<int>("document.querySelectorAll('script, img, a, iframe, object, link, form, body style').length"));
        Assert.Equal([detector.PageAddress.AbsoluteUri], asked.Where(url => !url.EndsWith("/favicon.ico", StringComparison.Ordinal)).Distinct());
        Assert.Empty(said);
        Assert.Equal(
            "",
            await tab.EvaluateExpressionAsync<string>(
                "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.outerHTML.slice(0, 80)).join()"
            )
        );
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", answered.Headers["content-security-policy"], StringComparison.Ordinal);
        // Whoever gets in by another way than text still runs nothing.
        await tab.EvaluateExpressionAsync("document.body.append(Object.assign(document.createElement('script'), { textContent: \"document.title='owned'\" }))");
        Assert.Equal("Detector", await tab.EvaluateExpressionAsync<string>("document.title"));
    }

    private static string Record(int number) =>
        $$$"""
            {"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root{{{Hostile}}}","accountId":"111122223333"},
            "eventTime":"2026-03-05T12:{{{number:00}}}:11Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser{{{Hostile}}}","awsRegion":"us-east-1{{{Hostile}}}",
            "sourceIPAddress":"{{{new string(
                '9',
                400
            )}}}{{{Hostile}}}","userAgent":"{{{Hostile}}}","eventID":"0d9f6c2e-0000-4000-8000-{{{number:000000000000}}}",
            "eventType":"AwsApiCall","recipientAccountId":"111122223333"}
            """;
}
