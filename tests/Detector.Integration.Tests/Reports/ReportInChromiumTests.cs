using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PuppeteerSharp;

namespace Detector.Integration.Tests.Reports;

/// <summary>The report as a person meets it: by mouse and by keyboard, in light and dark, narrow, on paper, and with a trail that wants to deceive.</summary>
public sealed class ReportInChromiumTests(ReportFixture reports) : IClassFixture<ReportFixture>
{
    private const string Deleted =
        "title: A trail was deleted\nname: trail-deleted\nlevel: high\ndescription: Nobody sees what follows.\n"
        + "logsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: DeleteTrail}, condition: s}\n";

    private const string Listed =
        "title: Somebody looked around\nname: looked-around\nlevel: low\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: ListUsers}, condition: s}\n";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Page_Opened_AsksNothingOfTheNetwork()
    {
        await using var tab = await (await reports.BrowserAsync()).NewPageAsync();
        List<string> asked = [];
        List<string> told = [];
        tab.Request += (_, e) => asked.Add(e.Request.Url);
        tab.Console += (_, e) => told.Add(e.Message.Text);
        tab.PageError += (_, e) => told.Add(e.Message);
        var page = new Uri(await ReportAsync("<img src=https://example.com/a.png><link rel=stylesheet href=//example.com>")).AbsoluteUri;

        await tab.GoToAsync(page, WaitUntilNavigation.Networkidle0);
        await UnfoldAsync(tab, 0);

        Assert.Equal([page], asked.Where(url => !url.StartsWith("data:", StringComparison.Ordinal)));
        Assert.Empty(told);
        // Nor could it: the policy of the page refuses what a script of its own would ask for.
        var refused = await tab.EvaluateFunctionAsync<bool>("() => fetch('https://example.com/').then(() => false, () => true)");
        Assert.True(refused);
        Assert.Contains(told, text => text.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><!--")]
    [InlineData("</noscript></details></main><h1>All is well</h1>")]
    [InlineData("javascript:alert(1)//\" onmouseover=\"document.title='owned'")]
    public async Task Page_MarkupOfACaller_StaysText(string hostile)
    {
        await using var tab = await reports.OpenAsync(await ReportAsync(hostile));
        await using var harmless = await reports.OpenAsync(await ReportAsync(new string('x', hostile.Length)));

        await UnfoldAsync(tab, 0);
        await UnfoldAsync(harmless, 0);

        Assert.StartsWith("Investigation", await tab.GetTitleAsync(), StringComparison.Ordinal);
        Assert.Contains(hostile, await TextAsync(tab, "main"), StringComparison.Ordinal);
        Assert.Equal(await ElementsAsync(harmless), await ElementsAsync(tab));
    }

    [Fact]
    public async Task Page_MarksThatTurnText_AreWrittenOut()
    {
        await using var tab = await reports.OpenAsync(await ReportAsync("invoice\u202efdp.exe\u2066\u200b\u061c\u2028end"));

        await UnfoldAsync(tab, 0);

        var text = await TextAsync(tab, "main");
        Assert.DoesNotContain(text, character => character is '\u202e' or '\u2066' or '\u200b' or '\u061c' or '\u2028');
        Assert.Contains("invoice\\u202efdp.exe\\u2066\\u200b\\u061c\\u2028end", await TextAsync(tab, ".alert pre"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_Unfolded_KeepsItsDigits()
    {
        var record = Record(0, "DeleteTrail", "dana")
            .Replace("\"readOnly\":false", "\"readOnly\":false,\"size\":12345678901234567890", StringComparison.Ordinal);
        await using var tab = await reports.OpenAsync(await reports.ReportAsync([record], Deleted));

        await UnfoldAsync(tab, 0);

        Assert.Contains("\"size\": 12345678901234567890", await TextAsync(tab, ".alert pre"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_OfManyAlerts_IsTheAlertsOwn()
    {
        // More than lie packed together, so that the last is not in the first pack.
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 230));
        await tab.ClickAsync("#pages button:last-child");
        await tab.ClickAsync("#pages button:last-child");

        await UnfoldAsync(tab, 7);

        Assert.Contains($"\"eventID\": \"{EventId(206)}\"", await TextAsync(tab, ".alert[open] pre"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filter_Typed_ShowsWhatMatches()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3));
        Assert.Equal("4 of 4 alerts", await TextAsync(tab, "#count"));

        await tab.TypeAsync("#q", "LISTUSERS");
        Assert.Equal("1 of 4 alerts", await TextAsync(tab, "#count"));
        await ClickAsync(tab, "#filter button");
        await tab.ClickAsync("#filter .high input");
        Assert.Equal("1 of 4 alerts", await TextAsync(tab, "#count"));
        await ClickAsync(tab, "#filter button");
        await tab.SelectAsync("#filter select", "trail-deleted");
        Assert.Equal("3 of 4 alerts", await TextAsync(tab, "#count"));
    }

    [Theory]
    [InlineData("2026-03-01 09:00", "", "2 of 4 alerts", "false")]
    [InlineData("", "2026-03-01", "4 of 4 alerts", "false")]
    [InlineData("", "2026-02-28", "0 of 4 alerts", "false")]
    [InlineData("yesterday", "", "4 of 4 alerts", "true")]
    public async Task Filter_OfTime_IsTypedAsInReplay(string from, string to, string count, string invalid)
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3));
        var fields = await tab.QuerySelectorAllAsync("#filter input:not([type])");

        await fields[0].TypeAsync(from);
        await fields[1].TypeAsync(to);
        await tab.Keyboard.PressAsync("Tab");

        Assert.Equal(count, await TextAsync(tab, "#count"));
        Assert.Equal(invalid, await tab.EvaluateFunctionAsync<string>("e => e.getAttribute('aria-invalid') ?? 'false'", fields[0]));
    }

    [Fact]
    public async Task Timeline_Dragged_ChoosesATime()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3));
        var over = await (await tab.QuerySelectorAsync("#plot .u-over")).BoundingBoxAsync();
        var y = over.Y + over.Height / 2;

        await tab.Mouse.MoveAsync(over.X + over.Width / 2, y);
        await tab.Mouse.DownAsync();
        await tab.Mouse.MoveAsync(over.X + over.Width - 2, y);
        await tab.Mouse.UpAsync();

        Assert.Equal("2 of 4 alerts", await TextAsync(tab, "#count"));
        Assert.StartsWith("2026-03-01 ", await ValueAsync(tab, 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timeline_ByKeyboard_ChoosesATime()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3));
        await tab.FocusAsync("#plot");

        await tab.Keyboard.PressAsync("ArrowRight");
        Assert.Equal("1 of 4 alerts", await TextAsync(tab, "#count"));
        Assert.Equal("2026-03-01 08:00:00", await ValueAsync(tab, 0));
        await tab.Keyboard.DownAsync("Shift");
        for (var column = 0; column < 30; column++)
            await tab.Keyboard.PressAsync("ArrowRight");
        await tab.Keyboard.UpAsync("Shift");
        Assert.Equal("2 of 4 alerts", await TextAsync(tab, "#count"));
        await tab.Keyboard.PressAsync("Escape");
        Assert.Equal("4 of 4 alerts", await TextAsync(tab, "#count"));
    }

    [Fact]
    public async Task Keyboard_Alone_ReachesEverything()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3));
        List<string> stops = [];

        for (var presses = 0; presses < 40 && !stops.Contains("summary"); presses++)
        {
            await tab.Keyboard.PressAsync("Tab");
            stops.Add(
                await tab.EvaluateExpressionAsync<string>(
                    "document.activeElement.matches('.alert summary') ? 'summary' : document.activeElement.id || document.activeElement.localName"
                )
            );
        }
        await tab.Keyboard.PressAsync("Enter");
        await tab.WaitForSelectorAsync(".alert[open] pre");

        // First the way past it all, then the picture, the filter's fields in the order they stand in, and the alerts.
        Assert.Equal("a", stops[0]);
        Assert.Equal(["a", "plot", "q", "input", "select", "button", "summary"], stops.Distinct());
        Assert.Contains("\"eventName\": \"ListUsers\"", await TextAsync(tab, ".alert[open] pre"), StringComparison.Ordinal);
        var unnamed = await tab.EvaluateExpressionAsync<int>(
            "[...document.querySelectorAll('input, select')].filter(e => !e.labels?.[0]?.textContent.trim()).length"
        );
        Assert.Equal(0, unnamed);
    }

    [Fact]
    public async Task Link_ToAnAlert_UnfoldsIt()
    {
        var page = await StoryAsync(deletions: 150);
        await using var tab = await reports.OpenAsync(page);
        await tab.ClickAsync("#pages button:last-child");
        var id = await tab.EvaluateExpressionAsync<string>("document.querySelector('#list > :last-child').id");
        await using var linked = await (await reports.BrowserAsync()).NewPageAsync();

        await linked.GoToAsync($"{new Uri(page).AbsoluteUri}#{id}", WaitUntilNavigation.Load);
        await linked.WaitForSelectorAsync($"#{id}[open] pre");

        Assert.Equal("page 2 of 2", await TextAsync(linked, "#pages span"));
    }

    [Theory]
    [InlineData(false, "rgb(255, 255, 255)")]
    [InlineData(true, "rgb(13, 17, 23)")]
    public async Task Theme_OfTheReader_IsThePages(bool dark, string ground)
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3), dark: dark);

        Assert.Equal(ground, await tab.EvaluateExpressionAsync<string>("getComputedStyle(document.body).backgroundColor"));
        // Every text stands out from what it is on by 4.5 : 1, as WCAG 2.2 asks of body text.
        Assert.Empty(await tab.EvaluateFunctionAsync<string[]>(FaintTexts));
    }

    [Theory]
    [InlineData(360)]
    [InlineData(1280)]
    public async Task Width_OfAPhone_NeedsNoScrollingSideways(int width)
    {
        await using var tab = await reports.OpenAsync(await ReportAsync(new string('x', 400)), width);
        await UnfoldAsync(tab, 0);

        Assert.InRange(await tab.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"), 1, width);
    }

    [Fact]
    public async Task Width_OfAPhone_LeavesTheWordsOfTablesWhole()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3), 360);

        var narrowest = await tab.EvaluateExpressionAsync<int>(
            "Math.min(...[...document.querySelectorAll('tbody tr > :first-child')].filter(cell => cell.checkVisibility()).map(cell => cell.clientWidth))"
        );
        Assert.InRange(narrowest, 120, 360);
    }

    [Fact]
    public async Task Paper_OfManyAlerts_HoldsTheGravestAndSaysSo()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 1_200), dark: true);

        await tab.EvaluateExpressionAsync("dispatchEvent(new Event('beforeprint'))");
        await tab.EmulateMediaTypeAsync(PuppeteerSharp.Media.MediaType.Print);

        Assert.Equal(1_000, await CountAsync(tab, "#list > .alert"));
        Assert.Equal(50, await CountAsync(tab, "#list > .alert[open]"));
        Assert.Equal(
            0,
            await tab.EvaluateExpressionAsync<int>("[...document.querySelectorAll('.alert')].filter(e => e.textContent.includes('looked around')).length")
        );
        Assert.Contains(
            "printed are the 1,000 gravest, the table above counts all; unfolded are the 50 gravest",
            await TextAsync(tab, "#printed"),
            StringComparison.Ordinal
        );
        // Ink on white, whatever the screen's theme, and nothing to press.
        Assert.Equal("rgb(255, 255, 255)", await tab.EvaluateExpressionAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Equal("none", await tab.EvaluateExpressionAsync<string>("getComputedStyle(document.getElementById('filter')).display"));

        await tab.EmulateMediaTypeAsync(PuppeteerSharp.Media.MediaType.None);
        await tab.EvaluateExpressionAsync("dispatchEvent(new Event('afterprint'))");
        Assert.Equal(100, await CountAsync(tab, "#list > .alert"));
        Assert.Equal(0, await CountAsync(tab, ".alert[open]"));
    }

    [Fact]
    public async Task Paper_OfWhatIsUnfolded_HoldsItsRecord()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 3));
        await UnfoldAsync(tab, 0);

        await tab.EvaluateExpressionAsync("dispatchEvent(new Event('beforeprint'))");

        Assert.Contains("ListUsers", await TextAsync(tab, ".alert[open] pre"), StringComparison.Ordinal);
        var pdf = await tab.PdfDataAsync();
        Assert.True(pdf.AsSpan().StartsWith("%PDF"u8));
    }

    [Fact]
    public async Task Page_WithoutScript_ShowsTheFirstAlerts()
    {
        await using var tab = await reports.OpenAsync(await StoryAsync(deletions: 250), script: false);

        var text = await TextAsync(tab, "main");
        Assert.Contains("A trail was deleted", text, StringComparison.Ordinal);
        Assert.Contains("Without JavaScript only the first alerts are shown", text, StringComparison.Ordinal);
        Assert.Equal(200, await CountAsync(tab, "noscript tbody tr"));
    }

    private const string FaintTexts = """
        () => {
          const part = c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
          const light = c => { const [r, g, b] = c.match(/[\d.]+/g).map(Number); return .2126 * part(r) + .7152 * part(g) + .0722 * part(b); };
          const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\)$|\/ /.test(c) && !c.startsWith("rgba")) return c; } return "rgb(255,255,255)"; };
          return [...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .filter(e => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x); return (a + .05) / (b + .05) < 4.5; })
            .map(e => `${e.localName}.${e.className}: ${e.textContent.slice(0, 40)}`);
        }
        """;

    /// <summary>A look around at eight o'clock, then deletions from half an hour later on, one every half-hour at first.</summary>
    private Task<string> StoryAsync(int deletions) =>
        reports.ReportAsync(
            Enumerable.Range(0, deletions).Select(number => Record(number, "DeleteTrail", "dana")).Prepend(Record(-1, "ListUsers", "dana")),
            Deleted,
            Listed
        );

    private Task<string> ReportAsync(string hostile) => reports.ReportAsync([Record(0, "DeleteTrail", hostile)], Deleted);

    private static string EventId(int number) => $"00000000-0000-4000-8000-{number + 1:D12}";

    private static string Record(int number, string call, string name)
    {
        var text = new JsonObject
        {
            ["eventID"] = EventId(number),
            ["eventTime"] = Start.AddMinutes(30 * (number + 1)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["eventSource"] = "cloudtrail.amazonaws.com",
            ["eventName"] = call,
            ["awsRegion"] = name,
            ["sourceIPAddress"] = name,
            ["userAgent"] = name,
            ["readOnly"] = false,
            ["recipientAccountId"] = "111122223333",
            ["requestParameters"] = new JsonObject { ["name"] = name, ["tags"] = new JsonArray(new JsonObject { ["key"] = name, ["value"] = name }) },
            ["userIdentity"] = new JsonObject
            {
                ["type"] = "AssumedRole",
                ["arn"] = $"arn:aws:sts::111122223333:assumed-role/admin/{name}",
                ["accessKeyId"] = name,
            },
        };
        return text.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
    }

    private static async Task UnfoldAsync(IPage tab, int alert)
    {
        await ClickAsync(tab, $"#list > :nth-child({alert + 1}) > summary");
        await tab.WaitForSelectorAsync($"#list > :nth-child({alert + 1})[open] pre");
    }

    private static Task ClickAsync(IPage tab, string selector) => tab.EvaluateFunctionAsync("s => document.querySelector(s).click()", selector);

    private static Task<string> TextAsync(IPage tab, string selector) =>
        tab.EvaluateFunctionAsync<string>("s => document.querySelector(s).textContent", selector);

    private static Task<int> CountAsync(IPage tab, string selector) => tab.EvaluateFunctionAsync<int>("s => document.querySelectorAll(s).length", selector);

    private static Task<int> ElementsAsync(IPage tab) => CountAsync(tab, "*");

    private static Task<string> ValueAsync(IPage tab, int field) =>
        tab.EvaluateFunctionAsync<string>("i => document.querySelectorAll('#filter input:not([type])')[i].value", field);
}
