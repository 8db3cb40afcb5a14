using Detector.Core.Rules.Fields;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

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
        foreach (var document in Documents(file, text, errors))
        {
            try
            {
                var map = Yaml.Map(document, "the document");
                if (ForeignLogSource(map) is { } reason)
                {
                    skipped.Add(new RuleError(Place(file, document), reason));
                    continue;
                }
                if (placeholders is not null)
                {
                    Placeholders.Expand(map, placeholders);
                }
                rules.Add(Rule(map, Place(file, document)));
            }
            catch (SigmaException e)
            {
                errors.Add(new RuleError(e.Place(file), e.Message, e.Mend));
            }
        }
        return new SigmaFile(rules, errors, skipped);
    }

    private static List<YamlNode> Documents(string file, string text, List<RuleError> errors)
    {
        var stream = new YamlStream();
        var parser = new GuardedParser(new Parser(new StringReader(text)));
        try
        {
            stream.Load(parser);
            return [.. stream.Documents.Select(d => d.RootNode)];
        }
        catch (Exception e)
        {
            // The library has its own exception and lets others through, such as ArgumentException for "- : ".
            var place = (e as YamlException)?.Start ?? parser.Current?.Start ?? Mark.Empty;
            errors.Add(new RuleError(new RulePlace(file, Math.Max(1, (int)place.Line), Math.Max(1, (int)place.Column)), $"not YAML: {e.Message}"));
            return [];
        }
    }

    private static RulePlace Place(string file, YamlNode node) => new(file, Math.Max(1, (int)node.Start.Line), Math.Max(1, (int)node.Start.Column));

    private static Rule Rule(YamlMappingNode map, RulePlace place)
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
            return WithHeader(CorrelationParser.Parse(Yaml.Map(correlation, "correlation"), place, title, generate), map);
        }
        if (map.Find("filter") is { } filter)
        {
            return WithHeader(FilterParser.Parse(Yaml.Map(filter, "filter"), place, title) with { Terms = FilterParser.Terms(map, place.File) }, map);
        }
        map.Need("logsource", "the rule");
        var extras = Extras(map);
        var rule = new DetectionRule
        {
            Title = title,
            Place = place,
            Condition = DetectionParser.Parse(Yaml.Map(map.Need("detection", "the rule"), "detection")),
            Suppression = extras?.Find("suppress") is { } suppress ? Suppression(Yaml.Map(suppress, "suppress")) : null,
            After = extras?.Find("after") is { } after ? Durations.Parse(after, Yaml.Text(after, "after") ?? "") : null,
            Sighting = extras?.Find("sighting") is { } sighting ? Sighting(Yaml.Map(sighting, "sighting")) : null,
        };
        return rule is { After: not null, Sighting: not null }
            ? throw new SigmaException(extras!.Find("after")!, "after and sighting do not go together", "make the sighting a rule of its own")
            : WithHeader(rule, map);
    }

    private static Rule WithHeader(Rule rule, YamlMappingNode map)
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
    private static YamlMappingNode? Extras(YamlMappingNode map)
    {
        if (map.Find("detector") is not { } node)
        {
            return null;
        }
        var extras = Yaml.Map(node, "detector");
        foreach (var (key, _) in extras.Children)
        {
            if (!Attributes.Contains(Yaml.Key(key), StringComparer.Ordinal))
            {
                throw new SigmaException(key, $"detector attribute '{Yaml.Key(key)}' is not supported", $"supported are {string.Join(", ", Attributes)}");
            }
        }
        return extras;
    }

    /// <summary>Only shown to people, so whatever else stands there is passed over.</summary>
    private static string? Date(YamlMappingNode map, string key) => map.Find(key) is YamlScalarNode scalar ? Yaml.Text(scalar, key) : null;

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

    private static Dictionary<string, string> Mutations(YamlNode? node) =>
        node is null
            ? []
            : Yaml.Map(node, "mutations")
                .Children.ToDictionary(
                    pair => Yaml.Key(pair.Key),
                    pair =>
                        Yaml.Text(pair.Value, "a mutation's reason") is { Length: > 0 } reason
                            ? reason
                            : throw new SigmaException(pair.Key, "a mutation has no reason", "say why the rule need not keep firing"),
                    StringComparer.Ordinal
                );

    private static Suppression Suppression(YamlMappingNode map)
    {
        var period = map.Need("for", "suppress");
        return new Suppression(Paths(map.Find("by"), "by", _ => false), Durations.Parse(period, Yaml.Text(period, "for") ?? ""));
    }

    private static Sighting Sighting(YamlMappingNode map)
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
    private static string? ForeignLogSource(YamlMappingNode map)
    {
        if (map.Find("logsource") is not YamlMappingNode source)
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
