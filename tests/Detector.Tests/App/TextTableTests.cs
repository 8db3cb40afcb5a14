using Detector.App;

namespace Detector.Tests.App;

public sealed class TextTableTests
{
    [Theory]
    [InlineData("plain", 5)]
    [InlineData("", 0)]
    [InlineData("警報", 4)]
    [InlineData("é", 1)]
    [InlineData("Ａ", 2)]
    [InlineData("😀", 2)]
    public void Columns_OfAText_AreThoseOfAScreen(string text, int columns) => Assert.Equal(columns, TextTable.Columns(text));

    [Theory]
    [InlineData("警報警報", 8, "警報警報")]
    [InlineData("警報警報", 7, "警報警…")]
    [InlineData("警報警報", 6, "警報…")]
    [InlineData("abc", 2, "a…")]
    [InlineData("abc", 1, "…")]
    [InlineData("ééé", 2, "é…")]
    public void Cut_ToAWidth_NeverHalvesACharacter(string text, int width, string expected) => Assert.Equal(expected, TextTable.Cut(text, width));

    [Fact]
    public void Line_OnAScreenOfAnyWidth_FitsIt()
    {
        string[] row = ["警報警報", "é警", new string('x', 30), "last of all"];
        for (var width = 1; width <= 90; width++)
        {
            int[] widths = [.. row[..^1].Select(TextTable.Columns)];
            TextTable.Fit(widths, ["A", "B", "C", "D"], width);

            Assert.InRange(TextTable.Columns(TextTable.Line(row, widths, width)), 1, width);
        }
    }
}
