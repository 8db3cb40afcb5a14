using System.Globalization;
using System.Text;
using System.Text.Json;
using Detector.App.Sample;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Sample;

public sealed class SampleStoryTests
{
    private static readonly DateTimeOffset Now = new(2031, 12, 31, 23, 59, 58, 700, TimeSpan.Zero);

    [Fact]
    public void Load_Always_IsTheSameEventsInOrderTheLastOfThemNow()
    {
        var story = Load(Now);

        var times = story.Select(envelope => Time(envelope.GetProperty("detail").GetProperty("eventTime"))).ToList();
        Assert.InRange(story.Count, 25, 50);
        Assert.Equal(times.Order(), times);
        Assert.Equal(Now, times[^1], TimeSpan.FromSeconds(1));
        Assert.Equal(times, story.Select(envelope => Time(envelope.GetProperty("time"))));
        Assert.Distinct(story.Select(Id));
        Assert.Equal(Load(Now.AddDays(-1000)).Select(Id), story.Select(Id));
    }

    [Fact]
    public void Load_TimesInsideRecords_MoveWithTheEvent()
    {
        var story = SampleStory.Load(new FakeTimeProvider(Now)).Select(Encoding.UTF8.GetString).ToList();

        Assert.All(story, line => Assert.DoesNotContain("2026", line.Replace("worker-2026", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Contains(story, line => line.Contains("\"createDate\":\"Dec 31, 2031 11:57:20 PM\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_Headlines_AreAllThere()
    {
        var story = Load(Now).ConvertAll(envelope => envelope.GetProperty("detail"));

        Assert.Contains(
            story,
            e => Name(e) is "GetAccountSummary" && Caller(e, "type") is "Root" && !e.GetProperty("userIdentity").TryGetProperty("invokedBy", out _)
        );
        Assert.Contains(
            story,
            e =>
                Name(e) is "CreateAccessKey"
                && Caller(e, "accessKeyId").StartsWith("AKIA", StringComparison.Ordinal)
                && !e.GetProperty("userIdentity").TryGetProperty("sessionContext", out _)
                && !Failed(e)
        );
        Assert.Contains(
            story,
            e =>
                Name(e) is "AttachUserPolicy"
                && !Failed(e)
                && e.GetProperty("requestParameters").GetProperty("policyArn").ValueEquals("arn:aws:iam::aws:policy/AdministratorAccess")
        );
        Assert.Contains(story, e => Name(e) is "ImportKeyPair" && !Failed(e));
    }

    [Fact]
    public void Load_LookAlikes_AreThereToStayQuiet()
    {
        var story = Load(Now).ConvertAll(envelope => envelope.GetProperty("detail"));

        Assert.Contains(
            story,
            e => Name(e) is "CreateServiceLinkedRole" && Caller(e, "type") is "Root" && Caller(e, "invokedBy") is "autoscaling.amazonaws.com"
        );
        Assert.Contains(story, e => Name(e) is "AttachRolePolicy" && e.GetRawText().Contains("AdministratorAccess-Amplify", StringComparison.Ordinal));
        Assert.Contains(story, e => Name(e) is "CreateAccessKey" && e.GetRawText().Contains("\"mfaAuthenticated\":\"true\"", StringComparison.Ordinal));
        Assert.Contains(story, e => Name(e) is "AttachUserPolicy" && Failed(e));
    }

    private static List<JsonElement> Load(DateTimeOffset now) =>
        [.. SampleStory.Load(new FakeTimeProvider(now)).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string? Id(JsonElement envelope) => envelope.GetProperty("detail").GetProperty("eventID").GetString();

    private static string? Name(JsonElement e) => e.GetProperty("eventName").GetString();

    private static bool Failed(JsonElement e) => e.TryGetProperty("errorCode", out _) || e.TryGetProperty("errorMessage", out _);

    private static string Caller(JsonElement e, string field) => e.GetProperty("userIdentity").TryGetProperty(field, out var value) ? value.GetString()! : "";

    private static DateTimeOffset Time(JsonElement text) => DateTimeOffset.Parse(text.GetString()!, CultureInfo.InvariantCulture);
}
