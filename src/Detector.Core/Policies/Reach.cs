namespace Detector.Core.Policies;

/// <summary>The pairs of probe and resource that one statement is about, conditions left aside except on the service that a role is passed to.</summary>
internal sealed class Reach
{
    private Reach(PolicyStatement statement, List<int> pairs)
    {
        Statement = statement;
        Pairs = pairs;
    }

    public PolicyStatement Statement { get; }

    /// <summary>Numbers of pairs, in no order.</summary>
    public List<int> Pairs { get; }

    /// <summary>The reach of a statement of an identity's policy. One that names a principal grants nothing to who holds it.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="accountId">
    /// The holder's account, if it is known: then ARNs of other accounts are not everything. Else every account that an Allow names is taken for it, and
    /// none that a Deny names.
    /// </param>
    public static Reach Of(PolicyStatement statement, string? accountId)
    {
        var pairs = new List<int>();
        if (statement.Principals is not null)
        {
            return new Reach(statement, pairs);
        }
        var actions = ActionsOf(statement);
        if (actions.Count == 0)
        {
            return new Reach(statement, pairs);
        }
        var resources = ResourcesOf(statement, accountId);
        var known = new sbyte[Probes.Resources.Length]; // 1 contained, -1 not, 0 not asked yet
        foreach (var probe in actions)
        {
            for (var i = 0; i < probe.Resources.Length; i++)
            {
                ref var answer = ref known[probe.Resources[i]];
                if (answer == 0)
                {
                    answer = resources.Contains(Probes.Resources[probe.Resources[i]]) ? (sbyte)1 : (sbyte)-1;
                }
                if (answer > 0)
                {
                    pairs.Add(probe.FirstPair + i);
                }
            }
        }
        return new Reach(statement, pairs);
    }

    private static List<Probe> ActionsOf(PolicyStatement statement)
    {
        var hit = new bool[Probes.All.Length];
        var named = new List<Probe>();
        foreach (var pattern in statement.Actions.Patterns)
        {
            var colon = pattern.IndexOf(':', StringComparison.Ordinal);
            var probes = Probes.All;
            if (colon >= 0 && Wildcard.First(pattern.AsSpan(0, colon)) < 0)
            {
                // Most patterns name their service.
                if (!Probes.ByService.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(pattern.AsSpan(0, colon), out probes!))
                {
                    continue;
                }
            }
            foreach (var probe in probes)
            {
                if (!hit[probe.Number] && Wildcard.Matches(pattern, probe.Action))
                {
                    hit[probe.Number] = true;
                    named.Add(probe);
                }
            }
        }
        var actions = statement.Actions.Except ? Probes.All.Where(probe => !hit[probe.Number]).ToList() : named;
        foreach (var test in statement.Condition.Tests)
        {
            if (test.Key == "iam:passedtoservice")
            {
                actions.RemoveAll(probe => !IsPassed(probe, test));
            }
        }
        return actions;
    }

    private static bool IsPassed(Probe probe, ConditionTest test) =>
        probe.PassedTo is null || test.Passes($"{probe.PassedTo}.amazonaws.com") || test.Passes($"{probe.PassedTo}.amazonaws.com.cn");

    /// <summary>The resources with the holder's name, account and partition put in the places of those of the probes.</summary>
    private static PatternList ResourcesOf(PolicyStatement statement, string? accountId)
    {
        var patterns = statement.Resources.Patterns;
        if (patterns.Contains("*"))
        {
            return statement.Resources with { Patterns = ["*"] };
        }
        // A NotResource means the rest: what it names too much, the statement names too little.
        var widens = statement.Allows != statement.Resources.Except;
        return statement.Resources with { Patterns = Array.ConvertAll(patterns, pattern => Placed(pattern, accountId, widens)) };
    }

    private static string Placed(string pattern, string? accountId, bool widens)
    {
        if (pattern.Contains("${", StringComparison.Ordinal))
        {
            pattern = pattern.Replace("${aws:username}", Probes.Self, StringComparison.OrdinalIgnoreCase);
        }
        if (accountId is not null)
        {
            pattern = pattern.Replace(accountId, Probes.Account, StringComparison.Ordinal);
        }
        var fields = pattern.Split(':', 6);
        if (fields.Length > 2 && fields[1] != Partitions.All[0] && Array.Exists(Partitions.All, partition => Wildcard.Matches(fields[1], partition)))
        {
            fields[1] = Partitions.All[0];
        }
        if (fields.Length == 6 && IsAccount(fields[4], accountId, widens))
        {
            fields[4] = Probes.Account;
        }
        return string.Join(':', fields);
    }

    private static bool IsAccount(string field, string? accountId, bool widens) =>
        accountId is not null ? field.Length > 0 && Wildcard.Matches(field, accountId) : widens && field.AsSpan().IndexOfAnyInRange('0', '9') >= 0;
}

/// <summary>The partitions of AWS: parts of the cloud that share nothing, each with its own ARNs.</summary>
internal static class Partitions
{
    public static string[] All { get; } = ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

    /// <summary>Whether a name is that of one.</summary>
    public static bool Has(ReadOnlySpan<char> name)
    {
        foreach (var partition in All)
        {
            if (name.SequenceEqual(partition))
                return true;
        }
        return false;
    }
}
