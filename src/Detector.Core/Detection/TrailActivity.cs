using System.Runtime.InteropServices;
using System.Text;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection;

/// <summary>
/// Who did what in an archive, whether or not a rule wants it: by principal (a user, a role, a service) and by session. For one thread; those of several are
/// added up.
/// </summary>
/// <remarks>Names are the callers' to choose, so memory is bounded: of too many principals or sessions only the first are kept, and the rest is counted.</remarks>
public sealed class TrailActivity
{
    /// <summary>Principals that are kept.</summary>
    public const int MostPrincipals = 5_000;

    /// <summary>Sessions that are kept.</summary>
    public const int MostSessions = 20_000;

    private const int Type = 0;
    private const int Key = 6;
    private const int Issuer = 7;
    private const int Address = 8;
    private const int Agent = 9;
    private const int Region = 10;
    private const int Error = 11;
    private const int RoleArn = 12;

    private readonly FieldReader _fields = new([
        "userIdentity.type",
        "userIdentity.arn",
        "userIdentity.userName",
        "userIdentity.principalId",
        "userIdentity.invokedBy",
        "userIdentity.accountId",
        "userIdentity.accessKeyId",
        "userIdentity.sessionContext.sessionIssuer.arn",
        "sourceIPAddress",
        "userAgent",
        "awsRegion",
        "errorCode",
        "requestParameters.roleArn",
    ]);

    private readonly Dictionary<string, PrincipalActivity> _principals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SessionActivity> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Entity, string Name), LearnedFact> _begun = [];

    /// <summary>What each principal did.</summary>
    public IEnumerable<PrincipalActivity> Principals => _principals.Values;

    /// <summary>Records of principals that are too many to be kept apart.</summary>
    public long OfOthers { get; private set; }

    /// <summary>Counts a record.</summary>
    public void Add(in CloudTrailEvent record)
    {
        var view = _fields.Read(record.Json);
        var name = Text(view, Issuer) is { Length: > 0 } issuer ? issuer : Enumerate(view);
        if (!_principals.TryGetValue(name, out var principal))
        {
            if (_principals.Count >= MostPrincipals)
            {
                OfOthers++;
                return;
            }
            _principals.Add(name, principal = new PrincipalActivity(name, Text(view, Type)));
        }
        var (key, service) = (Text(view, Key), Encoding.UTF8.GetString(record.EventSource));
        principal.Add(record.EventTime, IsDenied(view), service);
        principal.Addresses.Add(Text(view, Address));
        principal.Agents.Add(Text(view, Agent));
        principal.Regions.Add(Text(view, Region));
        principal.Keys.Add(key);
        if (record.EventSource.SequenceEqual("sts.amazonaws.com"u8))
            Begun(record, principal, Text(view, RoleArn));
        if (key.StartsWith("ASIA", StringComparison.Ordinal))
            Use(record, key);
    }

    /// <summary>Adds what another has counted.</summary>
    public void Add(TrailActivity other)
    {
        OfOthers += other.OfOthers;
        foreach (var theirs in other._principals.Values)
        {
            if (_principals.TryGetValue(theirs.Name, out var ours))
                ours.Add(theirs);
            else if (_principals.Count < MostPrincipals)
                _principals.Add(theirs.Name, theirs);
            else
                OfOthers += theirs.Calls;
        }
        foreach (var (key, theirs) in other._sessions)
        {
            if (_sessions.TryGetValue(key, out var ours))
                _sessions[key] = ours + theirs;
            else if (_sessions.Count < MostSessions)
                _sessions.Add(key, theirs);
        }
        foreach (var (key, fact) in other._begun)
            _begun[key] = fact;
    }

    /// <summary>The sessions of which it is known who stands behind them, the first used first.</summary>
    public IReadOnlyList<(ActorChain Chain, SessionActivity Session)> Chains()
    {
        var memory = new Memory();
        foreach (var fact in _begun.Values.OrderBy(fact => fact.Time))
            memory.Learn(fact);
        var chains = new List<(ActorChain, SessionActivity)>();
        foreach (var session in _sessions.Values.OrderBy(session => session.First).ThenBy(session => session.AccessKeyId, StringComparer.Ordinal))
        {
            using var document = JsonText.Parse(session.Record);
            if (SessionFields.Chain(new EventContext(document.RootElement, new Past(memory, DateTimeOffset.MaxValue))) is { } chain)
                chains.Add((chain, session));
        }
        return chains;
    }

    private static bool IsDenied(RecordView view) =>
        Text(view, Error) is { Length: > 0 } error
        && (error.Contains("AccessDenied", StringComparison.OrdinalIgnoreCase) || error.Contains("Unauthorized", StringComparison.OrdinalIgnoreCase));

    private static string Enumerate(RecordView view)
    {
        for (var field = 1; field <= 5; field++)
        {
            if (Text(view, field) is { Length: > 0 } name)
                return name;
        }
        return "(nobody named)";
    }

    private static string Text(RecordView view, int field) => view.TryFirstText(field, out var text) ? Encoding.UTF8.GetString(text) : "";

    private void Begun(in CloudTrailEvent record, PrincipalActivity principal, string role)
    {
        if (record.EventTime is not { } time || !JsonText.IsValid(record.Json, out _))
            return;
        using var document = JsonText.Parse(record.Json);
        var e = new EventContext(document.RootElement, null);
        if (e.Root.Text("errorCode") is not null)
            return;
        principal.Roles.Add(role);
        foreach (var (entity, name, value) in SessionFields.Begun(e))
        {
            if (_begun.Count < 4 * MostSessions)
                _begun[(entity, name)] = new LearnedFact(entity, name, value, time);
        }
    }

    private void Use(in CloudTrailEvent record, string key)
    {
        var isKnown = _sessions.TryGetValue(key, out var session);
        if (!isKnown && (_sessions.Count >= MostSessions || !JsonText.IsValid(record.Json, out _)))
            return;
        var one = new SessionActivity(key, 1, record.EventTime, record.EventTime, isKnown ? default : record.Json.ToArray());
        _sessions[key] = isKnown ? session! + one : one;
    }
}

/// <summary>What a principal did.</summary>
/// <param name="Name">An ARN, of a role's sessions the role's; or the best name that the records hold.</param>
/// <param name="Type">CloudTrail's <c>userIdentity.type</c>.</param>
public sealed record PrincipalActivity(string Name, string Type)
{
    /// <summary>Records.</summary>
    public long Calls { get; private set; }

    /// <summary>Records of calls that were denied.</summary>
    public long Denied { get; private set; }

    /// <summary>The oldest eventTime; null if no record has one.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>The newest.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Source addresses, by records.</summary>
    public NameCounts Addresses { get; } = new();

    /// <summary>User agents, by records.</summary>
    public NameCounts Agents { get; } = new();

    /// <summary>Regions, by records.</summary>
    public NameCounts Regions { get; } = new();

    /// <summary>Access keys, by records.</summary>
    public NameCounts Keys { get; } = new();

    /// <summary>Services, by records.</summary>
    public NameCounts Services { get; } = new();

    /// <summary>Roles assumed, by records.</summary>
    public NameCounts Roles { get; } = new();

    internal void Add(DateTimeOffset? time, bool denied, string service)
    {
        Calls++;
        Denied += denied ? 1 : 0;
        Services.Add(service);
        Cover(time, time);
    }

    internal void Add(PrincipalActivity other)
    {
        (Calls, Denied) = (Calls + other.Calls, Denied + other.Denied);
        Cover(other.First, other.Last);
        Addresses.Add(other.Addresses);
        Agents.Add(other.Agents);
        Regions.Add(other.Regions);
        Keys.Add(other.Keys);
        Services.Add(other.Services);
        Roles.Add(other.Roles);
    }

    private void Cover(DateTimeOffset? first, DateTimeOffset? last)
    {
        First = First < first ? First : first ?? First;
        Last = Last > last ? Last : last ?? Last;
    }
}

/// <summary>How often some names came; of too many names the first are kept.</summary>
public sealed class NameCounts
{
    /// <summary>Names that are kept.</summary>
    public const int Most = 200;

    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>How many names are kept.</summary>
    public int Count => _counts.Count;

    /// <summary>Names with their counts, the most frequent first.</summary>
    public IReadOnlyList<(string Name, long Count)> Ordered =>
        [.. _counts.Select(one => (one.Key, one.Value)).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal)];

    internal void Add(string name, long count = 1)
    {
        if (name.Length > 0 && (_counts.Count < Most || _counts.ContainsKey(name)))
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, name, out _) += count;
    }

    internal void Add(NameCounts other)
    {
        foreach (var (name, count) in other._counts)
            Add(name, count);
    }
}

/// <summary>What was done by a session.</summary>
/// <param name="AccessKeyId">The key of its temporary credentials.</param>
/// <param name="Calls">Records.</param>
/// <param name="First">The oldest eventTime.</param>
/// <param name="Last">The newest.</param>
/// <param name="Record">One of the records, UTF-8 JSON.</param>
public sealed record SessionActivity(string AccessKeyId, long Calls, DateTimeOffset? First, DateTimeOffset? Last, ReadOnlyMemory<byte> Record)
{
    /// <summary>The sums.</summary>
    public static SessionActivity operator +(SessionActivity left, SessionActivity right) =>
        left with
        {
            Calls = left.Calls + right.Calls,
            First = left.First < right.First ? left.First : right.First ?? left.First,
            Last = left.Last > right.Last ? left.Last : right.Last ?? left.Last,
        };
}
