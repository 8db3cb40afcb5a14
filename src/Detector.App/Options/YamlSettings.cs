using System.Text.RegularExpressions;
using Detector.Core.Rules.Sigma;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Detector.App.Options;

/// <summary>Reads detector.yaml: groups of keys, each value with the line it stands on.</summary>
internal static partial class YamlSettings
{
    public static void Read(string file, Settings settings)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(YamlText.Ended(File.ReadAllText(file))));
            switch (yaml.Documents)
            {
                case []:
                    break;
                case [{ RootNode: YamlMappingNode root }]:
                    ReadRoot(root, file, settings);
                    break;
                case [var only]:
                    if (!IsEmpty(only.RootNode))
                        settings.Fail("", PlaceOf(file, only.RootNode), "is no mapping of settings");
                    break;
                case [_, var second, ..]:
                    settings.Fail("", PlaceOf(file, second.RootNode), "a second document: settings belong into one");
                    break;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            settings.Fail("", new Place(file), $"cannot be read: {OneLine.Of(e.Message)}");
        }
        catch (AnchorNotFoundException)
        {
            // Of where it stands the library says nothing that is right.
            settings.Fail("", new Place(file), "is no YAML: there is no anchor for an alias: a value that begins with * must stand in quotes");
        }
        catch (YamlException e)
        {
            settings.Fail("", new Place(file, (int)e.Start.Line), $"is no YAML: {Reason(e)}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // The library has its own exception and lets others through.
            settings.Fail("", new Place(file), $"is no YAML: {WithoutQuoted(e.Message)}");
        }
    }

    private static void ReadRoot(YamlMappingNode root, string file, Settings settings)
    {
        foreach (var (key, node) in root.Children)
        {
            var name = NameOf(key);
            if (Keys.OfGroup(name) is not [_, ..] keys)
                ReadKey(name, key, node, file, settings);
            else if (node is YamlMappingNode group)
                ReadGroup(name, group, file, settings);
            else if (!IsEmpty(node))
                settings.Fail(name, PlaceOf(file, node), $"is a group of keys: {string.Join(", ", keys.Select(known => known.Name))}");
        }
    }

    private static void ReadGroup(string name, YamlMappingNode group, string file, Settings settings)
    {
        foreach (var (key, node) in group.Children)
            ReadKey($"{name}.{NameOf(key)}", key, node, file, settings);
    }

    private static void ReadKey(string name, YamlNode keyNode, YamlNode node, string file, Settings settings)
    {
        if (Keys.Find(name) is not { } key)
            settings.Fail(Settings.Name(name), PlaceOf(file, keyNode), Keys.Unknown(name.Split(':')[0]));
        else if (IsTakenByYaml(node))
            settings.Fail(
                name,
                PlaceOf(file, node),
                "begins with a character that YAML takes for itself (! or &): a value that is meant so must stand in quotes"
            );
        else if (IsEmpty(node))
            return;
        else if (node is YamlScalarNode scalar)
            settings.Set(new Setting(key, [scalar.Value!], PlaceOf(file, node)));
        else if (key.IsList && node is YamlSequenceNode list && list.All(item => item is YamlScalarNode))
            settings.Set(new Setting(key, [.. list.Select(item => ((YamlScalarNode)item).Value ?? "")], PlaceOf(file, node)));
        else if (key.IsList && node is YamlMappingNode map && map.Children.All(pair => pair is { Key: YamlScalarNode, Value: YamlScalarNode }))
            settings.Set(new Setting(key, [.. map.Children.Select(pair => $"{NameOf(pair.Key)}={((YamlScalarNode)pair.Value).Value}")], PlaceOf(file, node)));
        else
            settings.Fail(name, PlaceOf(file, node), $"one value expected: {key.Words}");
    }

    // "!secret" is a tag without a value, "&secret" an anchor of one: not a value that is left out.
    private static bool IsTakenByYaml(YamlNode node) => (!node.Tag.IsEmpty && node.Tag.IsLocal) || (IsEmpty(node) && !node.Anchor.IsEmpty);

    /// <summary>The library's words without what they repeat of the file, which may be a secret.</summary>
    private static string Reason(YamlException e) =>
        e.InnerException is ArgumentException || e.Message.Contains("Duplicate key", StringComparison.OrdinalIgnoreCase)
            ? "a key stands there twice"
            : WithoutQuoted(e.InnerException?.Message ?? e.Message);

    private static string WithoutQuoted(string message) => OneLine.Of(Quoted().Replace(message, "'…'"));

    [GeneratedRegex("'[^']{2,}'|\"[^\"]{2,}\"", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Quoted();

    // An empty value is no value: a key may be left in the file without one.
    private static bool IsEmpty(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } or YamlScalarNode { Value: null or "" };

    private static string NameOf(YamlNode key) => key is YamlScalarNode { Value: { } name } ? name : "?";

    private static Place PlaceOf(string file, YamlNode node) => new(file, (int)node.Start.Line);
}
