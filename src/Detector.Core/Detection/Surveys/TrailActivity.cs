using System.Text;
using Detector.Core.Detection.History;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection.Surveys;

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
    private const int InvokedBy = 4;
    private const int Key = 6;
    private const int Issuer = 7;
    private const int Address = 8;
    private const int Agent = 9;
    private const int Region = 10;
    private const int Error = 11;
    private const int Service = 12;

    // What only few records are asked for.
    private const int Role = 0;
    private const int NewKey = 1;
    private const int Shared = 2;
    private const int Provider = 3;
    private const int SourceIdentity = 4;
    private const int Delivery = 5;
    private const int Scope = 6;

    /// <summary>What it asks records for.</summary>
    internal static readonly string[] Fields =
    [
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
        "eventSource",
    ];

    private readonly FieldReader _more = new([
        "requestParameters.roleArn",
        "responseElements.credentials.accessKeyId",
        "sharedEventID",
        "userIdentity.identityProvider",
        "userIdentity.sessionContext.sourceIdentity",
        "userIdentity.sessionContext.ec2RoleDelivery",
        "userIdentity.inScopeOf.issuerType",
    ]);
    private readonly Alike<Kin> _kin = new();

    private readonly Dictionary<byte[], PrincipalActivity> _principals = new(Bytes.Comparer);
    private readonly Dictionary<byte[], SessionActivity> _sessions = new(Bytes.Comparer);
    private readonly Dictionary<(string Entity, string Name), LearnedFact> _begun = [];

    /// <summary>What each principal did.</summary>
    public IEnumerable<PrincipalActivity> Principals => _principals.Values;

    /// <summary>Records of principals that are too many to be kept apart.</summary>
    public long OfOthers { get; private set; }

    /// <summary>Counts a record.</summary>
    /// <param name="view">The record, read.</param>
    /// <param name="time">Its eventTime.</param>
    /// <param name="fields">The numbers of <see cref="Fields"/> in it.</param>
    internal void Add(scoped in RecordView view, DateTimeOffset? time, ReadOnlySpan<int> fields)
    {
        var name = NameIn(view, fields);
        var region = Text(view, fields[Region]);
        var service = Text(view, fields[Service]);
        var error = Text(view, fields[Error]);
        var type = Text(view, fields[Type]);
        ref var kin = ref _kin.By(name, type, region, service, error, out var isKnown);
        if (!isKnown && PrincipalOf(name) is { } whose)
            kin = new(whose, whose.Types.NumberOf(type), whose.Regions.NumberOf(region), whose.Services.NumberOf(service), IsDenied(error));
        else if (!isKnown)
            kin = default;
        if (kin.Principal is not { } principal)
        {
            OfOthers++;
            return;
        }
        principal.Add(time, kin.IsDenied);
        principal.Types.Add(kin.Type);
        principal.Regions.Add(kin.Region);
        principal.Services.Add(kin.Service);
        principal.Addresses.Add(Text(view, fields[Address]));
        principal.Agents.Add(Text(view, fields[Agent]));
        var key = Text(view, fields[Key]);
        principal.Keys.Add(key);
        if (error.IsEmpty && service.SequenceEqual("sts.amazonaws.com"u8))
            Begun(view, fields, time, principal);
        if (key.StartsWith("ASIA"u8))
            Use(view, fields, time, key);
    }

    /// <summary>Adds what another has counted.</summary>
    public void Add(TrailActivity other)
    {
        OfOthers += other.OfOthers;
        foreach (var (name, theirs) in other._principals)
        {
            if (_principals.TryGetValue(name, out var ours))
                ours.Add(theirs);
            else if (_principals.Count < MostPrincipals)
                _principals.Add(name, theirs);
            else
                OfOthers += theirs.Calls;
        }
        foreach (var (key, theirs) in other._sessions)
        {
            if (_sessions.TryGetValue(key, out var ours))
                ours.Add(theirs);
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
        var past = new Past(memory, DateTimeOffset.MaxValue);
        var chains = new List<(ActorChain, SessionActivity)>();
        foreach (var session in _sessions.Values.OrderBy(session => session.First).ThenBy(session => session.AccessKeyId, StringComparer.Ordinal))
        {
            if (SessionFields.Chain(session.Bearer, past) is { } chain)
                chains.Add((chain, session));
        }
        return chains;
    }

    /// <summary>Whose record it is; null if there are too many already.</summary>
    private PrincipalActivity? PrincipalOf(ReadOnlySpan<byte> name)
    {
        var principals = _principals.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!principals.TryGetValue(name, out var principal) && _principals.Count < MostPrincipals)
            principals[name] = principal = new PrincipalActivity(Encoding.UTF8.GetString(name));
        return principal;
    }

    private static ReadOnlySpan<byte> NameIn(scoped in RecordView view, ReadOnlySpan<int> fields) =>
        Text(view, fields[Issuer]) is { Length: > 0 } issuer ? issuer
        : CallerIn(view, fields) is { Length: > 0 } caller ? caller
        : "(nobody named)"u8;

    /// <summary>As <see cref="Caller.Actor"/> names it; empty if nobody is named.</summary>
    private static ReadOnlySpan<byte> CallerIn(scoped in RecordView view, ReadOnlySpan<int> fields)
    {
        for (var field = 1; field <= 5; field++)
        {
            if (Text(view, fields[field]) is { Length: > 0 } name)
                return name;
        }
        return default;
    }

    private static bool IsDenied(ReadOnlySpan<byte> error) =>
        !error.IsEmpty
        && Encoding.UTF8.GetString(error) is var text
        && (text.Contains("AccessDenied", StringComparison.OrdinalIgnoreCase) || text.Contains("Unauthorized", StringComparison.OrdinalIgnoreCase));

    private static ReadOnlySpan<byte> Text(scoped in RecordView view, int field) => view.TryFirstText(field, out var text) ? text : default;

    private void Begun(scoped in RecordView view, ReadOnlySpan<int> fields, DateTimeOffset? eventTime, PrincipalActivity principal)
    {
        if (eventTime is not { } time)
            return;
        var more = _more.Read(view.Json);
        principal.Roles.Add(Text(more, Role));
        var (key, shared) = (Some(Text(more, NewKey)), Some(Text(more, Shared)));
        if ((key ?? shared) is null || BearerOf(view, fields, more) is not { } asker)
            return;
        foreach (var (entity, name, value) in SessionFields.Begun(asker, key, shared))
        {
            if (_begun.Count < 4 * MostSessions)
                _begun[(entity, name)] = new LearnedFact(entity, name, value, time);
        }
    }

    private void Use(scoped in RecordView view, ReadOnlySpan<int> fields, DateTimeOffset? time, ReadOnlySpan<byte> key)
    {
        var sessions = _sessions.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!sessions.TryGetValue(key, out var session))
        {
            if (_sessions.Count >= MostSessions || BearerOf(view, fields, _more.Read(view.Json)) is not { } bearer)
                return;
            sessions[key] = session = new SessionActivity(bearer);
        }
        session.Add(time);
    }

    /// <summary>Who called; null if nobody is named.</summary>
    private static Bearer? BearerOf(scoped in RecordView view, ReadOnlySpan<int> fields, scoped in RecordView more)
    {
        if (Some(CallerIn(view, fields)) is not { } who)
            return null;
        var type = Some(Text(view, fields[Type]));
        var kind = Bearer.KindOf(
            type,
            Some(Text(view, fields[InvokedBy])),
            Some(Text(view, fields[Issuer])),
            Some(Text(more, Delivery)),
            Some(Text(more, Scope))
        );
        return new Bearer(who, kind, Some(Text(view, fields[Key])), type is Bearer.AssumedRole, Some(Text(more, Provider)), Some(Text(more, SourceIdentity)));
    }

    private static string? Some(ReadOnlySpan<byte> text) => text.IsEmpty ? null : Encoding.UTF8.GetString(text);

    /// <summary>What records have in common that are alike in all but their time, and from where, by what and with which key they were made.</summary>
    private readonly record struct Kin(PrincipalActivity? Principal, int Type, int Region, int Service, bool IsDenied);
}

/// <summary>Calls of somebody.</summary>
public abstract record CallCounts
{
    /// <summary>Records.</summary>
    public long Calls { get; private set; }

    /// <summary>The oldest eventTime; null if no record has one.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>The newest.</summary>
    public DateTimeOffset? Last { get; private set; }

    private protected void Add(long calls, DateTimeOffset? first, DateTimeOffset? last)
    {
        Calls += calls;
        First = First < first ? First : first ?? First;
        Last = Last > last ? Last : last ?? Last;
    }
}

/// <summary>What a principal did.</summary>
/// <param name="Name">An ARN, of a role's sessions the role's; or the best name that the records hold.</param>
public sealed record PrincipalActivity(string Name) : CallCounts
{
    /// <summary>CloudTrail's <c>userIdentity.type</c>, as most of its records have it; empty if none has one.</summary>
    public string Type => Types.Ordered is [var most, ..] ? most.Name : "";

    /// <summary>The types that records give it, by records.</summary>
    public NameCounts Types { get; } = new();

    /// <summary>Records of calls that were denied.</summary>
    public long Denied { get; private set; }

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

    internal void Add(DateTimeOffset? time, bool denied)
    {
        Add(1, time, time);
        Denied += denied ? 1 : 0;
    }

    internal void Add(PrincipalActivity other)
    {
        Add(other.Calls, other.First, other.Last);
        Denied += other.Denied;
        Types.Add(other.Types);
        Addresses.Add(other.Addresses);
        Agents.Add(other.Agents);
        Regions.Add(other.Regions);
        Keys.Add(other.Keys);
        Services.Add(other.Services);
        Roles.Add(other.Roles);
    }
}

/// <summary>What was done by a session.</summary>
public sealed record SessionActivity : CallCounts
{
    internal SessionActivity(Bearer bearer) => Bearer = bearer;

    /// <summary>The key of its temporary credentials.</summary>
    public string AccessKeyId => Bearer.Key ?? "";

    /// <summary>Whose they were.</summary>
    internal Bearer Bearer { get; }

    internal void Add(DateTimeOffset? time) => Add(1, time, time);

    internal void Add(SessionActivity other) => Add(other.Calls, other.First, other.Last);
}
