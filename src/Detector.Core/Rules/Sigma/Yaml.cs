using System.Globalization;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules.Sigma;

/// <summary>
/// Reads YAML nodes as Sigma's readers do, which is by YAML 1.1: a plain <c>No</c> is the boolean false, <c>~</c> and nothing are null.
/// </summary>
internal static class Yaml
{
    public static YamlMap Map(YamlNode node, string what) => node as YamlMap ?? throw new SigmaException(node, $"{what} is not a map");

    public static YamlNode? Find(this YamlMap map, string key)
    {
        foreach (var (name, value) in map.Entries)
        {
            if (name is YamlScalar { Text: var text } && text == key)
            {
                return value;
            }
        }
        return null;
    }

    public static YamlNode Need(this YamlMap map, string key, string what) =>
        map.Find(key) ?? throw new SigmaException(map, $"{what} has no {key}", $"add {key}");

    public static string Key(YamlNode key) => key is YamlScalar { Text: var text } ? text : throw new SigmaException(key, "a key is not plain text");

    /// <summary>Something made of each. An enumeration would allocate about as much again, and rules are many.</summary>
    public static TMade[] ToArray<T, TMade>(this List<T> list, Func<T, TMade> make)
    {
        var made = new TMade[list.Count];
        for (var i = 0; i < made.Length; i++)
        {
            made[i] = make(list[i]);
        }
        return made;
    }

    /// <summary>The text of a scalar, or null for null and for an absent node.</summary>
    public static string? Text(YamlNode? node, string what) =>
        node switch
        {
            null => null,
            YamlScalar scalar => Value(scalar) is { IsNull: false } value ? value.Text : null,
            _ => throw new SigmaException(node, $"{what} is not plain text"),
        };

    /// <summary>true or false; an absent node is false.</summary>
    public static bool Flag(YamlNode? node, string what) =>
        Text(node, what) switch
        {
            null or "false" => false,
            "true" => true,
            var other => throw new SigmaException(node!, $"{what} is neither true nor false but '{other}'"),
        };

    /// <summary>A list of texts; a single text counts as a list of one, an absent node as none.</summary>
    public static IReadOnlyList<string> Texts(YamlNode? node, string what) =>
        node switch
        {
            null => [],
            YamlList list => [.. list.Items.Select(item => Text(item, what) ?? throw new SigmaException(item, $"{what} holds a null"))],
            _ => Text(node, what) is { } text ? [text] : [],
        };

    /// <summary>A list of fields' paths.</summary>
    public static IReadOnlyList<string> Paths(YamlNode? node, string what) => [.. Texts(node, what).Select(path => Path(node!, path))];

    /// <summary>A field's path, if a record can hold it: each part costs room in the selection, and the scan stops at a depth.</summary>
    public static string Path(YamlNode node, string path) =>
        path.Length == 0 ? throw new SigmaException(node, "a field's name is empty")
        : DerivedFields.IsReserved(path) && DerivedFields.Find(path) is null
            ? throw new SigmaException(node, $"there is no derived field '{path}'", Nearest(path))
        : path.AsSpan().Count('.') < ObjectScanner.MaxDepth ? path
        : throw new SigmaException(node, $"a field's name has more than {ObjectScanner.MaxDepth} parts");

    private static string Nearest(string path) => NearestName.Of(path, DerivedFields.All.Select(field => field.Name)) is { } near ? $"did you mean {near}" : "";

    /// <summary>What a scalar stands for: null, a boolean or a number as its text, or text.</summary>
    public static ScalarValue Value(YamlScalar scalar)
    {
        var text = scalar.Text;
        if (!scalar.IsPlain)
        {
            return new ScalarValue(text, ScalarKind.Text);
        }
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => new ScalarValue("", ScalarKind.Null),
            "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => new ScalarValue("true", ScalarKind.Boolean),
            "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => new ScalarValue("false", ScalarKind.Boolean),
            _ when IsNumber(text) => new ScalarValue(text, ScalarKind.Number),
            _ => new ScalarValue(text, ScalarKind.Text),
        };
    }

    private static bool IsNumber(string text) =>
        (char.IsAsciiDigit(text[^1]) || text[^1] == '.')
        && decimal.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out _
        );
}

/// <summary>A scalar and what it stands for.</summary>
internal readonly record struct ScalarValue(string Text, ScalarKind Kind)
{
    public bool IsNull => Kind == ScalarKind.Null;
}

internal enum ScalarKind
{
    Null,
    Boolean,
    Number,
    Text,
}
