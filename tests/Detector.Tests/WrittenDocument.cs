namespace Detector.Tests;

/// <summary>Documents that hold a part made from the program: with DETECTOR_WRITE_DOCS=1 a test writes it anew in place of comparing.</summary>
internal static class WrittenDocument
{
    /// <summary>Asserts that docs/NAME holds the text between its two comments of a part.</summary>
    public static void Holds(string name, string part, string expected)
    {
        var path = Path.Combine(Repository.Root, "docs", name);
        var text = File.ReadAllText(path);
        var begin = $"<!-- {part}: begin -->";
        var (start, end) = (text.IndexOf(begin, StringComparison.Ordinal) + begin.Length, text.IndexOf($"<!-- {part}: end -->", StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, $"{text[..start]}\n\n{expected.Trim()}\n\n{text[end..]}");
            return;
        }

        Assert.Equal(expected.Trim(), text[start..end].Trim());
    }
}
