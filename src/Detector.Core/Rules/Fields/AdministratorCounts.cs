namespace Detector.Core.Rules.Fields;

/// <summary>
/// How many administrators each account has by all that is known, kept up with what is learned and forgotten: accounts have thousands of users and roles, and those
/// in which tests run make and delete thousands a day, so that to go through all of them with each grant would be work without end. Says what
/// <see cref="KnownGrants.Counted"/> counts.
/// </summary>
/// <param name="history">What is known. Its users, groups, roles and policies have to be told here (<see cref="Changed"/>).</param>
internal sealed class AdministratorCounts(IHistory history)
{
    // Names of what is long forgotten are not kept until somebody asks.
    private const int MostChanged = 1_000;

    private readonly Past _now = new(history, DateTimeOffset.MaxValue);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _holders = new(StringComparer.Ordinal); // of each policy and group
    private readonly Dictionary<string, List<string>> _held = new(StringComparer.Ordinal); // by each user, group and role
    private readonly HashSet<string> _administrative = new(StringComparer.Ordinal); // policies and groups
    private readonly HashSet<string> _counted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal); // of each account

    /// <summary>Tells that something was learned or forgotten of an entity.</summary>
    public void Changed(string entity)
    {
        _changed.Add(entity);
        if (_changed.Count > MostChanged)
        {
            Update();
        }
    }

    /// <summary>How many an account has.</summary>
    public long Of(string account)
    {
        Update();
        return _counts.GetValueOrDefault(account);
    }

    private void Update()
    {
        while (_changed.Count > 0)
        {
            string[] changed = [.. _changed];
            _changed.Clear();
            foreach (var entity in changed)
            {
                Update(entity);
            }
        }
    }

    private void Update(string entity)
    {
        if (entity.StartsWith(Entity.Policies, StringComparison.Ordinal))
        {
            Decide(entity, KnownGrants.OfPolicyIsAdministrative(_now, entity[Entity.Policies.Length..]));
            return;
        }
        switch (entity.Split(' ', 3))
        {
            case ["user" or "role", var account, _]:
                var held = Hold(entity, account);
                Count(entity, account, KnownGrants.IsAdministrator(_now, entity) || held.Exists(_administrative.Contains));
                break;
            case ["group", var account, _]:
                Hold(entity, account);
                var isOne = KnownGrants.IsAdministrator(_now, entity);
                Decide(entity, isOne);
                Count(entity, account, isOne && !_holders.ContainsKey(entity));
                break;
        }
    }

    /// <summary>Notes whether a policy or a group makes administrators. If that is news, whoever holds it is looked at anew.</summary>
    private void Decide(string entity, bool isAdministrative)
    {
        if ((isAdministrative ? _administrative.Add(entity) : _administrative.Remove(entity)) && _holders.TryGetValue(entity, out var holders))
        {
            _changed.UnionWith(holders);
        }
    }

    /// <summary>Notes which policies and groups somebody holds. A group that has a member more or less is looked at anew.</summary>
    private List<string> Hold(string entity, string account)
    {
        var before = _held.GetValueOrDefault(entity) ?? [];
        var now = KnownGrants.HeldBy(_now, entity, account).ToList();
        foreach (var gone in before.Except(now, StringComparer.Ordinal))
        {
            _holders[gone].Remove(entity);
            if (_holders[gone].Count == 0)
            {
                _holders.Remove(gone);
            }
            _changed.Add(gone);
        }
        foreach (var one in now.Except(before, StringComparer.Ordinal))
        {
            if (!_holders.TryGetValue(one, out var holders))
            {
                _holders.Add(one, holders = new HashSet<string>(StringComparer.Ordinal));
            }
            holders.Add(entity);
            _changed.Add(one);
        }
        if (now.Count > 0)
        {
            _held[entity] = now;
        }
        else
        {
            _held.Remove(entity);
        }
        return now;
    }

    private void Count(string entity, string account, bool counts)
    {
        if (counts ? _counted.Add(entity) : _counted.Remove(entity))
        {
            var count = _counts.GetValueOrDefault(account) + (counts ? 1 : -1);
            if (count > 0)
            {
                _counts[account] = count;
            }
            else
            {
                _counts.Remove(account);
            }
        }
    }
}
