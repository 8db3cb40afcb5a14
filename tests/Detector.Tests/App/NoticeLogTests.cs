using System.Text.Json;
using Detector.App;
using Detector.App.Options;
using Detector.Core;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App;

public sealed class NoticeLogTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 3, 1, 9, 30, 0, 250, TimeSpan.Zero));

    [Theory]
    [InlineData(NoticeSeverity.Information, "2026-03-01T09:30:00.250Z info  sqs: connected\n")]
    [InlineData(NoticeSeverity.Warning, "2026-03-01T09:30:00.250Z WARN  sqs: connected\n")]
    [InlineData(NoticeSeverity.Error, "2026-03-01T09:30:00.250Z ERROR sqs: connected\n")]
    public void Report_Text_IsOneReadableLine(NoticeSeverity severity, string line)
    {
        var written = Write(LogFormat.Text, new Notice(severity, "sqs", "connected"));

        Assert.Equal(line, written);
    }

    [Fact]
    public void Report_TextFromOutside_CannotForgeALineOrMoveTheCursor()
    {
        var written = Write(LogFormat.Text, new Notice(NoticeSeverity.Warning, "s\u001b[2J", "a\nb\u202ec", new IOException("x\r\ny")));

        Assert.Equal("2026-03-01T09:30:00.250Z WARN  s\\u001b[2J: a\\u000ab\\u202ec (IOException: x\\u000d\\u000ay)\n", written);
    }

    [Fact]
    public void Report_Json_IsOneObjectALine()
    {
        var written = Write(LogFormat.Json, new Notice(NoticeSeverity.Error, "slack", "a\nb", new IOException("broken")));

        var line = Assert.Single(written.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("2026-03-01T09:30:00.250Z", json.GetProperty("time").GetString());
        Assert.Equal("error", json.GetProperty("level").GetString());
        Assert.Equal("slack", json.GetProperty("subject").GetString());
        Assert.Equal("a\nb", json.GetProperty("message").GetString());
        Assert.Equal("System.IO.IOException", json.GetProperty("error").GetProperty("type").GetString());
        Assert.Equal("broken", json.GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData(LogFormat.Text)]
    [InlineData(LogFormat.Json)]
    internal void Report_NoticeHoldsASecret_IsBlottedOut(LogFormat format)
    {
        var error = new InvalidOperationException("POST https://hooks.slack.example/services/T/B/sesame failed");

        var written = Write(format, new Notice(NoticeSeverity.Error, "slack", "no answer from /services/T/B/sesame", error));

        Assert.DoesNotContain("sesame", written, StringComparison.Ordinal);
        Assert.Contains("***", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_BelowTheLevel_IsNotWritten()
    {
        var writer = new StringWriter();
        var log = new NoticeLog(writer, Clock, new LogOptions(LogFormat.Text, NoticeSeverity.Warning), []);

        log.Report(new Notice(NoticeSeverity.Information, "sqs", "connected"));

        Assert.Empty(writer.ToString());
    }

    [Fact]
    public void Report_LogCannotBeWritten_StopsNothing()
    {
        var gone = new StreamWriter(new MemoryStream());
        gone.Dispose();
        var log = new NoticeLog(gone, Clock, new LogOptions(LogFormat.Text, NoticeSeverity.Information), []);

        var thrown = Record.Exception(() => log.Report(new Notice(NoticeSeverity.Error, "sqs", "gone")));

        Assert.Null(thrown);
    }

    private static string Write(LogFormat format, Notice notice)
    {
        var writer = new StringWriter { NewLine = "\n" };
        var secret = new Secret("https://hooks.slack.example/services/T/B/sesame");
        new NoticeLog(writer, Clock, new LogOptions(format, NoticeSeverity.Information), [secret]).Report(notice);
        return writer.ToString();
    }
}
