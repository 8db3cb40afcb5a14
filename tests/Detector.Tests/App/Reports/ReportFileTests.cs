using Detector.App;
using Detector.App.Reports;
using Detector.Core.Delivery;
using Detector.Tests.App.Commands;

namespace Detector.Tests.App.Reports;

public sealed class ReportFileTests
{
    [Fact]
    public void Write_DiskFullMeanwhile_LeavesWhatWasThereAndNothingElse()
    {
        using var shell = new Shell();
        var file = shell.Write("report.html", "yesterday's");
        var report = new Report(DateTimeOffset.UnixEpoch, FullDisk(), null!, null!, null!, 0, null, null);

        var told = Assert.Throws<StartException>(() => ReportFile.Write(file, report));

        Assert.Contains("No space left on device", told.Message, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFiles(shell.Folder));
        Assert.Equal("yesterday's", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("<!DOCTYPE html>\n<html lang=\"en\">\n<head>", true)]
    [InlineData("<!DOCTYPE html>", false)]
    [InlineData("{\"Records\":[]}", false)]
    public void Check_FileThatIsThere_MayBeAReportOnly(string content, bool isTaken)
    {
        using var shell = new Shell();
        var file = shell.Write("report.html", content);

        var error = Record.Exception(() => ReportFile.Check(file));

        Assert.Equal(isTaken, error is null);
        Assert.Equal(content, File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(shell.Folder));
        if (!isTaken)
            Assert.Equal($"--report: {file} cannot be written: it is there, and is no report", Assert.IsType<StartException>(error).Message);
    }

    private static IEnumerable<Alert> FullDisk() => Enumerable.Range(0, 1).Select<int, Alert>(_ => throw new IOException("No space left on device"));
}
