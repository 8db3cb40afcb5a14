namespace Detector.Core.Rules.Sigma;

/// <summary>The modifiers behind a field's name (<c>field|contains|all</c>), checked against each other. Their order is free.</summary>
/// <remarks>Sigma specification 2.1, appendix "Modifiers".</remarks>
internal sealed class Modifiers
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["ignorecase"] = "i",
        ["multiline"] = "m",
        ["dotall"] = "s",
        ["utf16le"] = "wide",
    };

    /// <summary>What kind of test each modifier makes; modifiers of two different kinds exclude each other.</summary>
    private static readonly Dictionary<string, Kind> Kinds = new(StringComparer.Ordinal)
    {
        ["contains"] = Kind.Text,
        ["startswith"] = Kind.Text,
        ["endswith"] = Kind.Text,
        ["cased"] = Kind.Text,
        ["windash"] = Kind.Text,
        ["wide"] = Kind.Text,
        ["utf16be"] = Kind.Text,
        ["utf16"] = Kind.Text,
        ["base64"] = Kind.Text,
        ["base64offset"] = Kind.Text,
        ["expand"] = Kind.Any,
        ["re"] = Kind.Regex,
        ["i"] = Kind.Regex,
        ["m"] = Kind.Regex,
        ["s"] = Kind.Regex,
        ["lt"] = Kind.Number,
        ["lte"] = Kind.Number,
        ["gt"] = Kind.Number,
        ["gte"] = Kind.Number,
        ["minute"] = Kind.Time,
        ["hour"] = Kind.Time,
        ["day"] = Kind.Time,
        ["week"] = Kind.Time,
        ["month"] = Kind.Time,
        ["year"] = Kind.Time,
        ["cidr"] = Kind.Cidr,
        ["exists"] = Kind.Exists,
        ["fieldref"] = Kind.FieldRef,
        ["all"] = Kind.Any,
        ["neq"] = Kind.Any,
    };

    private readonly List<string> _names = [];

    private Modifiers() { }

    public enum Kind
    {
        Any,
        Text,
        Regex,
        Number,
        Time,
        Cidr,
        Exists,
        FieldRef,
    }

    /// <summary>The one kind of test that the modifiers make.</summary>
    public Kind Test { get; private set; } = Kind.Any;

    public bool All => Has("all");

    public bool Negated => Has("neq");

    public bool Has(string name) => _names.Contains(name, StringComparer.Ordinal);

    /// <summary>Which of the names is present, or null; two of them exclude each other.</summary>
    public string? OneOf(YamlNode key, params ReadOnlySpan<string> names)
    {
        string? found = null;
        foreach (var name in names)
        {
            if (Has(name))
            {
                found = found is null ? name : throw new SigmaException(key, $"modifiers {found} and {name} exclude each other");
            }
        }
        return found;
    }

    public static Modifiers None { get; } = new();

    /// <param name="key">Where they stand.</param>
    /// <param name="names">What stands behind the field's name, without the first <c>|</c>.</param>
    public static Modifiers Parse(YamlNode key, string names)
    {
        var modifiers = new Modifiers();
        foreach (var written in names.Split('|'))
        {
            var name = Aliases.GetValueOrDefault(written, written);
            if (!Kinds.TryGetValue(name, out var kind))
            {
                throw new SigmaException(key, $"unknown modifier '{written}'", $"known are {string.Join(", ", Kinds.Keys.Order(StringComparer.Ordinal))}");
            }
            modifiers.Add(key, name, kind);
        }
        return modifiers;
    }

    private void Add(YamlNode key, string name, Kind kind)
    {
        if (!Has(name))
        {
            _names.Add(name);
        }
        var test = (Test, kind) switch
        {
            (_, Kind.Any) => Test,
            (Kind.Any, _) => kind,
            // contains, startswith, endswith and cased say how another field's value is compared.
            (Kind.Text, Kind.FieldRef) => Kind.FieldRef,
            (Kind.FieldRef, Kind.Text) => Kind.FieldRef,
            // A regular expression is unanchored as it is.
            (Kind.Regex, Kind.Text) when name == "contains" => Kind.Regex,
            (Kind.Text, Kind.Regex) when _names.TrueForAll(other => other == "contains" || other == name) => Kind.Regex,
            (Kind.Time, Kind.Number) => Kind.Time,
            (Kind.Number, Kind.Time) => Kind.Time,
            _ when Test == kind => kind,
            _ => throw new SigmaException(key, $"modifier '{name}' does not go with the others of '{Yaml.Key(key)}'"),
        };
        Test = test;
    }
}
