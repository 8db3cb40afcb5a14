using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;
using FsCheck.Fluent;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Detector.Tests.Rules.Sigma;

/// <summary>Our trees are what the library's own representation model is, place by place; and what it refuses, we refuse for the same reason.</summary>
public sealed class YamlReaderTests
{
    // What the library throws where an event is not what it expects; ours says more.
    private const string Unexpected = "The current event is of an unsupported type";

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n...\n---\n")]
    [InlineData("--- a\n--- 'b'\n---\n- c\n")]
    [InlineData("%YAML 1.2\n---\na: 1\n...\n%TAG !e! tag:example.org,2000:\n---\n!e!x b: 2")]
    [InlineData("a: b # comment\nc: 'd # none'\n# comment\ne: f#none")]
    [InlineData("{a: b, c: [d, {e: f}], g: , ? h : i, 'j':k}")]
    [InlineData("a: |\n  one\n   two\n\nb: >-\n  folded\n  lines\n\n  three\nc: |+\n  kept\n\nd: >2\n    indented")]
    [InlineData("a: \"\\u00e9\\n\\x41\\\n  joined\"\nb: 'it''s'\nc: plain\n  over lines")]
    [InlineData("~: null\nNull: ''\n: empty\n")]
    [InlineData("? [a, b]\n: list as key\n? {c: d}\n: map as key\n? {c: d}\n: again, as maps are never equal")]
    [InlineData("a: 1\r\nb:\r\n  - 2\r\n  - |\r\n    text\r\n")]
    [InlineData("&x a: &y [1, 2]\nb: *y\n? [*x]\n: *y\nc: &x 3\nd: *x")]
    [InlineData("a: &x 1\n--- \nb: &x 2\nc: *x")]
    [InlineData("a: &x {b: &x 1}\nc: *x")]
    [InlineData("base: &b {k: v}\n<<: *b\nmore:\n  <<: [*b, *b]")]
    [InlineData("!!str a: 1\na: 2\n!local b: !!int 3\n'c': !<tag:yaml.org,2002:set> {d}")]
    [InlineData("\uFEFFa: 1")]
    [InlineData("\ta: 1")]
    [InlineData("a: \0")]
    [InlineData("é: \"\u2028 \U0001F600\"\nf: \u0085")]
    public void TryRead_WellWritten_AsTheLibraryHasIt(string text)
    {
        var (documents, error) = Ours(text);

        Assert.Null(error);
        Assert.Equal(Theirs(text).Documents, documents);
    }

    [Theory]
    [InlineData("%NAME x", "%NAME x\n")]
    [InlineData("a: 1\n...\n%", "a: 1\n...\n%\n")]
    [InlineData("a: 1\r%x\u2028%y", "a: 1\r%x\u2028%y\n")]
    [InlineData("%NAME x\n", "%NAME x\n")]
    [InlineData("a: |\n  %text", "a: |\n  %text")]
    [InlineData("", "")]
    public void Ended_LastLine_IsEndedIfItIsADirective(string text, string ended) => Assert.Equal(ended, YamlText.Ended(text));

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3", "f.yml:3:1: not YAML: Duplicate key a")]
    [InlineData("a: 1\n'a': 2", "f.yml:2:1: not YAML: Duplicate key a")]
    [InlineData("? [a, [b]]\n: 1\n? [a, ['b']]\n: 2", "f.yml:3:3: not YAML: Duplicate key [ a, [ b ] ]")]
    [InlineData("fine: 1\n--- \na: {b: 1, b: 2}", "f.yml:3:11: not YAML: Duplicate key b")]
    [InlineData("- : ", "f.yml:2:1: not YAML: a value is missing")]
    [InlineData("a: *nothing", "f.yml:1:4: not YAML: alias 'nothing' of what is not there yet")]
    [InlineData("a: &x 1\n--- \nb: *x", "f.yml:3:4: not YAML: alias 'x' of what is not there yet")]
    [InlineData("a: &x [*x]", "f.yml:1:8: not YAML: an alias inside of what another alias may stand for")]
    public void TryRead_Refused_NamesPlaceAndReason(string text, string error) => Assert.Equal(error, Ours(text).Error?.ToString());

    [Theory]
    [InlineData("a:\n\t- b")]
    [InlineData("a: 1\n b: 2")]
    [InlineData("a:\n  - b\n c: d")]
    [InlineData("a: [1, 2")]
    [InlineData("a: 'open")]
    [InlineData("a: \"\\q\"")]
    [InlineData("a: b: c")]
    [InlineData("a: @b")]
    [InlineData("%YAML 3.0\n---\na")]
    [InlineData("*a")]
    [InlineData("{a: 1, a: 2}\nrest: [")]
    [InlineData("{&x a: 1, *x : 2}")]
    public void TryRead_NoYaml_RefusedAsTheLibraryDoes(string text)
    {
        Assert.NotNull(Ours(text).Error);
        Assert.Equal(Theirs(text).Error, Ours(text).Error?.ToString());
    }

    [Fact]
    public void TryRead_ManyKeys_DuplicatesAreFoundAmongThem()
    {
        foreach (var count in (int[])[1, 15, 16, 17, 18, 1_000])
        {
            var keys = string.Concat(Enumerable.Range(0, count).Select(i => $"k{i}: {i}\n"));

            Assert.Null(Ours(keys).Error);
            Assert.Equal($"f.yml:{count + 1}:1: not YAML: Duplicate key k0", Ours(keys + "k0: again").Error?.ToString());
            Assert.Equal($"f.yml:{count + 1}:1: not YAML: Duplicate key k{count - 1}", Ours(keys + $"k{count - 1}: again").Error?.ToString());
        }
    }

    [Fact]
    public void TryRead_DeepAndHuge_BoundedAsBefore()
    {
        string[] texts =
        [
            new string('[', 64) + new string(']', 64),
            new string('[', 65),
            new string('[', 100_000),
            string.Concat(Enumerable.Repeat("- ", 65)) + "a",
            $"a: {new string('x', 900_000)}",
            $"a: |\n  {string.Join("\n  ", Enumerable.Repeat("line", 100_000))}",
            $"a: &a 1\nb: [{string.Join(", ", Enumerable.Repeat("*a", 33))}]",
            string.Concat(Enumerable.Range(0, 50_000).Select(i => $"k{i}: 1\n")),
        ];
        foreach (var text in texts)
        {
            Same(text);
        }
    }

    [Fact]
    public void TryRead_AnyTokens_AsTheLibraryHasIt()
    {
        var token = Gen.Elements(
            "a",
            "b",
            "a: ",
            "b: ",
            "'a': ",
            "? ",
            ": ",
            "- ",
            "\n",
            "\n  ",
            "\n    ",
            "\r\n",
            "\t",
            " ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "'",
            "\"",
            "\\",
            "|\n",
            ">-\n",
            "&x ",
            "*x ",
            "&y ",
            "*y ",
            "!t ",
            "!!str ",
            "<<: ",
            "# c",
            "\n---\n",
            "\n...\n",
            "%YAML 1.1\n",
            "~",
            "No",
            "1.5",
            "é",
            "\uFEFF",
            "\0"
        );
        Property.Holds(token.ArrayOf().Select(string.Concat), Same, 20_000);
    }

    private static void Same(string text)
    {
        var ours = Ours(text);
        var theirs = Theirs(text);
        if (theirs.Error is null)
        {
            Assert.Null(ours.Error);
            Assert.Equal(theirs.Documents, ours.Documents);
        }
        else if (!theirs.Error.Contains(Unexpected, StringComparison.Ordinal))
        {
            Assert.Equal(theirs.Error, ours.Error?.ToString());
        }
        else
        {
            Assert.Equal("not YAML: a value is missing", ours.Error?.Reason);
        }
    }

    private static (List<string> Documents, RuleError? Error) Ours(string text)
    {
        var documents = new List<string>();
        var reader = new YamlReader("f.yml", text);
        try
        {
            while (reader.TryRead(out var document))
            {
                documents.Add(Words(document));
            }
            return (documents, null);
        }
        catch (SigmaException e)
        {
            return ([], e.Error);
        }
    }

    private static (List<string> Documents, string? Error) Theirs(string text)
    {
        var stream = new YamlStream();
        var parser = new GuardedParser(new Parser(new StringReader(YamlText.Ended(text))));
        try
        {
            stream.Load(parser);
            return ([.. stream.Documents.Select(document => Words(document.RootNode))], null);
        }
        catch (Exception e)
        {
            var place = (e as YamlException)?.Start ?? parser.Current?.Start ?? Mark.Empty;
            return ([], $"f.yml:{Math.Max(1, place.Line)}:{Math.Max(1, place.Column)}: not YAML: {e.Message}");
        }
    }

    private static string Words(Detector.Core.Rules.Sigma.YamlNode node) =>
        $"{node.Place.Line}:{node.Place.Column}"
        + node switch
        {
            YamlScalar scalar => $"{(scalar.IsPlain ? "" : "'")}{scalar.Text};",
            YamlList list => $"[{string.Concat(list.Items.Select(Words))}]",
            YamlMap map => $"{{{string.Concat(map.Entries.Select(entry => Words(entry.Key) + Words(entry.Value)))}}}",
            _ => throw new InvalidOperationException(),
        };

    private static string Words(YamlDotNet.RepresentationModel.YamlNode node) =>
        $"{Math.Max(1, node.Start.Line)}:{Math.Max(1, node.Start.Column)}"
        + node switch
        {
            YamlScalarNode scalar => $"{(scalar.Style == ScalarStyle.Plain ? "" : "'")}{scalar.Value};",
            YamlSequenceNode list => $"[{string.Concat(list.Children.Select(Words))}]",
            YamlMappingNode map => $"{{{string.Concat(map.Children.Select(entry => Words(entry.Key) + Words(entry.Value)))}}}",
            _ => throw new InvalidOperationException(),
        };
}
