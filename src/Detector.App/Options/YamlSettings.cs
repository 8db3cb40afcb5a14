using Detector.Core.Rules.Sigma;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Detector.App.Options;

/// <summary>Reads detector.yaml: groups of keys, each value with the line it stands on.</summary>
internal static class YamlSettings
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
        catch (YamlException e)
        {
            settings.Fail("", new Place(file, (int)e.Start.Line), $"is no YAML: {OneLine.Of(e.InnerException?.Message ?? e.Message)}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // The library has its own exception and lets others through.
            settings.Fail("", new Place(file), $"is no YAML: {OneLine.Of(e.Message)}");
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

    // An empty value is no value: a key may be left in the file without one.
    private static bool IsEmpty(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } or YamlScalarNode { Value: null or "" };

    private static string NameOf(YamlNode key) => key is YamlScalarNode { Value: { } name } ? name : "?";

    private static Place PlaceOf(string file, YamlNode node) => new(file, (int)node.Start.Line);
}
