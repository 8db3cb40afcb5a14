using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Detector.App.AwsFacts;

/// <summary>Which event source logs which calls: the facts of operations.txt.</summary>
internal static partial class Operations
{
    private const string Domain = ".amazonaws.com";

    private static readonly FrozenDictionary<string, EventSource> BySource = Read();

    /// <summary>Names that people give to event sources, and what CloudTrail writes.</summary>
    private static readonly FrozenDictionary<string, string> Misnomers = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cloudwatch"] = "monitoring",
        ["cloudwatchlogs"] = "logs",
        ["codestar-notifications"] = "codestar-notifications",
        ["efs"] = "elasticfilesystem",
        ["elb"] = "elasticloadbalancing",
        ["elbv2"] = "elasticloadbalancing",
        ["emr"] = "elasticmapreduce",
        ["eventbridge"] = "events",
        ["stepfunctions"] = "states",
        ["securitytoken"] = "sts",
        ["sso-admin"] = "sso",
        ["opensearch"] = "es",
        ["s3control"] = "s3",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is known of an event source such as <c>iam.amazonaws.com</c>; null if nothing is.</summary>
    public static EventSource? Find(string eventSource) => BySource.GetValueOrDefault(eventSource);

    /// <summary>What CloudTrail writes in place of a name that people use for a source; null if the name is none of those.</summary>
    public static string? RightName(string eventSource) =>
        Misnomers.GetValueOrDefault(eventSource.Replace(Domain, "", StringComparison.OrdinalIgnoreCase)) is { } right ? right + Domain : null;

    /// <summary>The sources that log a call of this name.</summary>
    public static IEnumerable<EventSource> With(string eventName) =>
        BySource.Values.Where(source => source.Has(eventName)).OrderBy(source => source.Name, StringComparer.Ordinal);

    /// <summary>The name without the API version that some services put behind it, such as <c>UpdateFunctionCode20150331v2</c>.</summary>
    public static string WithoutVersion(string eventName) => Version().Replace(eventName, "");

    /// <summary>Whether CloudTrail marks calls of this name as readOnly, as far as the name tells; write events need no thought of delivery.</summary>
    public static bool IsReadOnly(string eventName) => ReadVerb().IsMatch(eventName);

    private static FrozenDictionary<string, EventSource> Read()
    {
        using var text = new StreamReader(typeof(Operations).Assembly.GetManifestResourceStream("operations.txt")!);
        var sources = new List<EventSource>();
        while (text.ReadLine() is { } line)
        {
            switch (line.Split(' '))
            {
                case [""] or ["#", ..]:
                    break;
                case [['[', .. var name, ']']]:
                    sources.Add(new EventSource(name + Domain, IsOpen: false));
                    break;
                case [['[', .. var name], "open]"]:
                    sources.Add(new EventSource(name + Domain, IsOpen: true));
                    break;
                case ["data", var verb, .. var nouns]:
                    sources[^1].Add(Names(verb, nouns), data: true);
                    break;
                case [var verb, .. var nouns]:
                    sources[^1].Add(Names(verb, nouns), data: false);
                    break;
            }
        }
        return sources.ToFrozenDictionary(source => source.Name, StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Names(string verb, string[] nouns) => nouns.Select(noun => noun == "-" ? verb : verb + noun);

    [GeneratedRegex(@"20\d\d_?\d\d_?\d\d(v\d)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();

    [GeneratedRegex(
        "^(Get|List|Describe|Head|Lookup|Search|BatchGet|AssumeRole|Decrypt$|Encrypt$|GenerateDataKey)(?!SessionToken$|FederationToken$|SigninToken$)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ReadVerb();
}

/// <summary>What is known of one event source.</summary>
/// <param name="Name">Such as <c>iam.amazonaws.com</c>.</param>
/// <param name="IsOpen">Whether it may log more names than are known.</param>
internal sealed record EventSource(string Name, bool IsOpen)
{
    private readonly Dictionary<string, bool> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Every name that is known, without versions.</summary>
    public IEnumerable<string> Names => _names.Keys;

    /// <summary>Whether it logs a call of this name, with a version or without.</summary>
    public bool Has(string eventName) => _names.ContainsKey(eventName) || _names.ContainsKey(Operations.WithoutVersion(eventName));

    /// <summary>Whether only a trail that asks for data events records the call.</summary>
    public bool IsData(string eventName) => _names.GetValueOrDefault(Operations.WithoutVersion(eventName));

    public void Add(IEnumerable<string> names, bool data)
    {
        foreach (var name in names)
            _names[name] = data;
    }
}
