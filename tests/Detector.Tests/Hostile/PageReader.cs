using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;

namespace Detector.Tests.Hostile;

/// <summary>
/// Reads a page as a browser does (the HTML Living Standard's parser, by AngleSharp) and tells of each element and attribute that pages of harmless alerts have not,
/// and of text that changes the reading direction.
/// </summary>
/// <param name="harmless">Pages that hold every element there is.</param>
internal sealed partial class PageReader(params IEnumerable<string> harmless)
{
    private readonly HashSet<string> _known = [.. harmless.SelectMany(page => Elements(page))];

    /// <summary>What is wrong with a page.</summary>
    public IEnumerable<string> Violations(string page)
    {
        foreach (var element in Elements(page).Where(element => !_known.Contains(element)).Distinct(StringComparer.Ordinal))
            yield return $"an element of no template: {element}";
        foreach (var problem in Reader.Terminal(page))
            yield return problem;
    }

    /// <summary>Each element with its attributes; of scripts and styles also what they say, unless it is data.</summary>
    private static IEnumerable<string> Elements(string page)
    {
        using var document = new HtmlParser().ParseDocument(page);
        foreach (var element in document.All)
        {
            var attributes = element.Attributes.Select(one => $"{one.Name}={(Time.IsMatch(one.Value) ? "time" : Heat.Replace(one.Value, "heat"))}");
            var isCode = element is { LocalName: "script" or "style" } && element.GetAttribute("type") is not "application/json";
            yield return $"<{element.LocalName} {string.Join(' ', attributes.Order(StringComparer.Ordinal))}>{(isCode ? element.TextContent : "")}";
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time { get; }

    [GeneratedRegex("heat[0-5]", RegexOptions.None, 1000)]
    private static partial Regex Heat { get; }
}
