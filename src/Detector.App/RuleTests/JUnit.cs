using System.Globalization;
using System.Text;
using System.Xml;

namespace Detector.App.RuleTests;

/// <summary>Results in the XML that build servers read: a suite for each folder of rules, a case for each file.</summary>
internal static class JUnit
{
    /// <summary>Writes them. What XML cannot hold is replaced.</summary>
    public static void Write(TextWriter output, IReadOnlyList<TestedResult> results)
    {
        using var xml = XmlWriter.Create(
            output,
            new XmlWriterSettings
            {
                Indent = true,
                Encoding = new UTF8Encoding(false),
                CloseOutput = false,
            }
        );
        xml.WriteStartElement("testsuites");
        Totals(xml, results.SelectMany(result => result.Checks));
        foreach (var result in results)
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", Clean(result.Folder));
            Totals(xml, result.Checks);
            foreach (var check in result.Checks)
                Write(xml, result, check);
            if (result.Notes.Count > 0)
                xml.WriteElementString("system-out", Clean(string.Join('\n', result.Notes)));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        xml.Flush();
        output.WriteLine();
    }

    private static void Write(XmlWriter xml, TestedResult result, Check check)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean(result.Folder));
        xml.WriteAttributeString("name", Clean(check.Name));
        xml.WriteAttributeString("file", Clean(check.File));
        xml.WriteAttributeString("time", Seconds(check.Took));
        // Readers take one failure of a case.
        if (check.Failures is [var first, ..])
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(check.Failures.Count == 1 ? first.Reason : $"{first.Reason} (and {check.Failures.Count - 1} more)"));
            xml.WriteString(Clean(string.Join('\n', check.Failures.SelectMany(failure => failure.Explanation.Prepend(failure.Reason)))));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void Totals(XmlWriter xml, IEnumerable<Check> checks)
    {
        var all = checks.ToList();
        xml.WriteAttributeString("tests", all.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", all.Count(check => check.Failures.Count > 0).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("time", Seconds(all.Aggregate(TimeSpan.Zero, (sum, check) => sum + check.Took)));
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in string.Join('\n', text.Split('\n').Select(OneLine.Of)).EnumerateRunes())
            clean.Append(rune.Value is 0xFFFE or 0xFFFF ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }
}
