using System.Collections.ObjectModel;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules.Sigma;

/// <summary>What a rule file held.</summary>
/// <param name="Rules">The rules that were taken, in the order written.</param>
/// <param name="Errors">Why others were refused.</param>
/// <param name="Skipped">Rules for another log source, with the reason; they are no errors.</param>
public sealed record SigmaFile(IReadOnlyList<Rule> Rules, IReadOnlyList<RuleError> Errors, IReadOnlyList<RuleError> Skipped);

/// <summary>Reads Sigma files: one or more YAML documents, each a rule. A bad document is refused with its place and reason; its neighbours are
/// taken. A text that is no YAML is refused whole.</summary>
/// <remarks>Sigma specification 2.1, "Sigma Rules Specification".</remarks>
public static class SigmaReader
{
    private static readonly string[] Legacy = ["action"];
    private static readonly string[] Attributes = ["first-step", "suppress", "after", "sighting", "mutations"];

    /// <summary>Reads one file's text. Never throws on what the text holds.</summary>
    /// <param name="file">For messages.</param>
    /// <param name="text">What the file holds.</param>
    /// <param name="placeholders">What stands for <c>%name%</c> below the modifier <c>expand</c>, by name; null for nothing.</param>
    public static SigmaFile Read(string file, string text, IReadOnlyDictionary<string, IReadOnlyList<string>>? placeholders = null)
    {
        var rules = new List<Rule>();
        var errors = new List<RuleError>();
        var skipped = new List<RuleError>();
        var documents = new YamlReader(file, text);
        try
        {
            while (documents.TryRead(out var document))
            {
                Read(document, placeholders, rules, errors, skipped);
            }
        }
        catch (SigmaException e)
        {
            return new SigmaFile([], [e.Error], []);
        }
        return new SigmaFile(rules, errors, skipped);
    }

    private static void Read(
        YamlNode document,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? placeholders,
        List<Rule> rules,
        List<RuleError> errors,
        List<RuleError> skipped
    )
    {
        try
        {
            var map = Yaml.Map(document, "the document");
            if (ForeignLogSource(map) is { } reason)
            {
                skipped.Add(new RuleError(map.Place, reason));
                return;
            }
            rules.Add(Rule(placeholders is null ? map : (YamlMap)Placeholders.Expand(map, placeholders)));
        }
        catch (SigmaException e)
        {
            errors.Add(e.Error);
        }
    }

    private static Rule Rule(YamlMap map)
    {
        foreach (var key in Legacy)
        {
            if (map.Find(key) is { } node)
            {
                throw new SigmaException(node, $"'{key}' (Sigma 1 collections) is not supported", "write each rule whole");
            }
        }
        var titleNode = map.Need("title", "the rule");
        var title = Yaml.Text(titleNode, "title") ?? throw new SigmaException(titleNode, "title is empty");
        if (map.Find("correlation") is { } correlation)
        {
            // Older rules have generate beside the correlation, the specification has it inside.
            var generate = Yaml.Flag(map.Find("generate"), "generate");
            return WithHeader(CorrelationParser.Parse(Yaml.Map(correlation, "correlation"), map.Place, title, generate), map);
        }
        if (map.Find("filter") is { } filter)
        {
            return WithHeader(FilterParser.Parse(Yaml.Map(filter, "filter"), map.Place, title) with { Terms = FilterParser.Terms(map) }, map);
        }
        map.Need("logsource", "the rule");
        var extras = Extras(map);
        var rule = new DetectionRule
        {
            Title = title,
            Place = map.Place,
            Condition = DetectionParser.Parse(Yaml.Map(map.Need("detection", "the rule"), "detection")),
            Suppression = extras?.Find("suppress") is { } suppress ? Suppression(Yaml.Map(suppress, "suppress")) : null,
            After = extras?.Find("after") is { } after ? Durations.Parse(after, Yaml.Text(after, "after") ?? "") : null,
            Sighting = extras?.Find("sighting") is { } sighting ? Sighting(Yaml.Map(sighting, "sighting")) : null,
        };
        return rule is { After: not null, Sighting: not null }
            ? throw new SigmaException(extras!.Find("after")!, "after and sighting do not go together", "make the sighting a rule of its own")
            : WithHeader(rule, map);
    }

    private static Rule WithHeader(Rule rule, YamlMap map)
    {
        var extras = Extras(map);
        return rule with
        {
            Id = Yaml.Text(map.Find("id"), "id"),
            Name = Yaml.Text(map.Find("name"), "name"),
            Description = (Yaml.Text(map.Find("description"), "description") ?? "").Trim(),
            Status = Yaml.Text(map.Find("status"), "status"),
            Level = LevelOf(map.Find("level")),
            Changed = Date(map, "modified") ?? Date(map, "date"),
            Tags = Yaml.Texts(map.Find("tags"), "tags"),
            FirstStep = (Yaml.Text(extras?.Find("first-step"), "first-step") ?? "").Trim(),
            Mutations = Mutations(extras?.Find("mutations")),
        };
    }

    /// <summary>Our own attributes, under one key; a misspelt one would else do nothing.</summary>
    private static YamlMap? Extras(YamlMap map)
    {
        if (map.Find("detector") is not { } node)
        {
            return null;
        }
        var extras = Yaml.Map(node, "detector");
        foreach (var (key, _) in extras.Entries)
        {
            if (!Attributes.Contains(Yaml.Key(key), StringComparer.Ordinal))
            {
                throw new SigmaException(key, $"detector attribute '{Yaml.Key(key)}' is not supported", $"supported are {string.Join(", ", Attributes)}");
            }
        }
        return extras;
    }

    /// <summary>Only shown to people, so whatever else stands there is passed over.</summary>
    private static string? Date(YamlMap map, string key) => map.Find(key) is YamlScalar scalar ? Yaml.Text(scalar, key) : null;

    private static Level LevelOf(YamlNode? node) =>
        Yaml.Text(node, "level") switch
        {
            null => Level.Medium,
            "informational" => Level.Informational,
            "low" => Level.Low,
            "medium" => Level.Medium,
            "high" => Level.High,
            "critical" => Level.Critical,
            var other => throw new SigmaException(node!, $"level '{other}' is none of Sigma's", "one of informational, low, medium, high, critical"),
        };

    private static IReadOnlyDictionary<string, string> Mutations(YamlNode? node) =>
        node is null
            ? ReadOnlyDictionary<string, string>.Empty
            : Yaml.Map(node, "mutations")
                .Entries.ToDictionary(
                    pair => Yaml.Key(pair.Key),
                    pair =>
                        Yaml.Text(pair.Value, "a mutation's reason") is { Length: > 0 } reason
                            ? reason
                            : throw new SigmaException(pair.Key, "a mutation has no reason", "say why the rule need not keep firing"),
                    StringComparer.Ordinal
                );

    private static Suppression Suppression(YamlMap map)
    {
        var period = map.Need("for", "suppress");
        return new Suppression(Paths(map.Find("by"), "by", _ => false), Durations.Parse(period, Yaml.Text(period, "for") ?? ""));
    }

    private static Sighting Sighting(YamlMap map)
    {
        var by = map.Need("by", "sighting");
        var paths = Yaml.Paths(by, "by");
        if (paths.Count == 0 || paths.FirstOrDefault(DerivedFields.IsReserved) is not null)
        {
            throw new SigmaException(by, "a sighting goes by fields that the record holds, one at least");
        }
        var period = map.Need("per", "sighting");
        return new Sighting(paths, Durations.Parse(period, Yaml.Text(period, "per") ?? ""));
    }

    /// <summary>Fields that a correlation's events are grouped or counted by: what their records tell, and who stands behind them. Other history changes.</summary>
    internal static IReadOnlyList<string> Grouping(YamlNode? node, string what) => Paths(node, what, DerivedFields.TellsOfSession);

    private static IReadOnlyList<string> Paths(YamlNode? node, string what, Func<string, bool> mayAskHistory) =>
        Yaml.Paths(node, what) is var paths && paths.FirstOrDefault(path => DerivedFields.NeedsHistory(path) && !mayAskHistory(path)) is { } path
            ? throw new SigmaException(node!, $"{what} cannot group by '{path}', which history tells", "group by fields of the record")
            : paths;

    /// <summary>Why a rule's log source is not CloudTrail, or null if it may be.</summary>
    private static string? ForeignLogSource(YamlMap map)
    {
        if (map.Find("logsource") is not YamlMap source)
        {
            return null;
        }
        string? product = Yaml.Text(source.Find("product"), "product"),
            service = Yaml.Text(source.Find("service"), "service"),
            category = Yaml.Text(source.Find("category"), "category");
        return Is(product, "aws") && Is(service, "cloudtrail") && category is null
            ? null
            : $"its log source is not CloudTrail (product {product ?? "any"}, service {service ?? "any"}, category {category ?? "any"})";
    }

    private static bool Is(string? part, string ours) => part is null || part.Equals(ours, StringComparison.OrdinalIgnoreCase);
}
