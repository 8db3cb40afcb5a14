namespace Detector.Core.Policies;

/// <summary>
/// One test of a condition: an operator on a key with its values. What it is worth is judged by letting it loose on sample values of the key and on the
/// key's absence, so that however a test is spelt, it is judged by what it lets pass.
/// </summary>
internal sealed class ConditionTest
{
    private readonly ConditionOperator _operator;
    private readonly ConditionKey _key;
    private readonly bool _isForAllValues;
    private readonly bool _isForAnyValue;
    private readonly bool _isIfExists;

    private ConditionTest(ConditionOperator comparison, ConditionKey key, string[] values, string quantifier, bool isIfExists)
    {
        _operator = comparison;
        _key = key;
        Values = values;
        _isForAllValues = quantifier == "forallvalues";
        _isForAnyValue = quantifier == "foranyvalue";
        _isIfExists = isIfExists;
    }

    private ConditionTest(ConditionTest test, PolicyHolder holder)
    {
        _operator = test._operator;
        _key = test._key.For(holder);
        Values = holder.AccountId is { } account ? Array.ConvertAll(test.Values, value => Placed(value, account)) : test.Values;
        _isForAllValues = test._isForAllValues;
        _isForAnyValue = test._isForAnyValue;
        _isIfExists = test._isIfExists;
    }

    /// <summary>The key in lower case.</summary>
    public string Key => _key.Name;

    public string[] Values { get; }

    /// <summary>Whether the values are what the key must be, with or without wildcards.</summary>
    public bool IsPositive => _operator is { IsNegated: false, Kind: OperatorKind.Equals or OperatorKind.EqualsIgnoreCase or OperatorKind.Like };

    /// <summary>Whether wildcards in the values count.</summary>
    public bool HasWildcards => _operator.Kind == OperatorKind.Like;

    /// <summary>Whether a service of AWS passes only when it comes for accounts, or an organisation, that are named.</summary>
    public bool NamesSource =>
        IsPositive
        && !Passes(null)
        && Key switch
        {
            "aws:sourceaccount" or "aws:sourceorgid" => Array.TrueForAll(Values, value => !HasWildcards || Wildcard.First(value) < 0),
            "aws:sourceorgpaths" => true,
            "aws:sourcearn" => Array.TrueForAll(Values, value => AccountOf(value) is { Length: > 0 } account && (!HasWildcards || Wildcard.First(account) < 0)),
            _ => false,
        };

    public static ConditionTest Of(string name, string key, string[] values)
    {
        name = name.ToLowerInvariant();
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var comparison = name[(colon + 1)..];
        var isIfExists = comparison.EndsWith("ifexists", StringComparison.Ordinal);
        if (isIfExists)
        {
            comparison = comparison[..^"ifexists".Length];
        }
        return new ConditionTest(ConditionOperator.Of(comparison), ConditionKey.Of(key), values, colon < 0 ? "" : name[..colon], isIfExists);
    }

    /// <inheritdoc cref="PolicyCondition.For"/>
    public ConditionTest For(PolicyHolder holder) => new(this, holder);

    /// <summary>Whether a request passes in which the key has this value, or is absent (null).</summary>
    public bool Passes(string? value)
    {
        if (_operator.Kind == OperatorKind.Null)
        {
            return Array.Exists(Values, v => v.Equals(value is null ? "true" : "false", StringComparison.OrdinalIgnoreCase));
        }
        if (_operator.Kind == OperatorKind.Unknown)
        {
            return false;
        }
        if (value is null)
        {
            return _isIfExists || _isForAllValues || (_operator.IsNegated && !_isForAnyValue);
        }
        return Array.Exists(Values, v => IsOwnVariable(v) || _operator.Matches(value, v)) != _operator.IsNegated;
    }

    /// <summary>Whether a service passes that comes for a resource; null if the test is about something else.</summary>
    public bool? PassesFor(string source) =>
        Key switch
        {
            "aws:sourcearn" => Passes(source),
            "aws:sourceaccount" => Passes(AccountOf(source)),
            _ => null,
        };

    /// <inheritdoc cref="PolicyCondition.IsTrivial"/>
    public bool IsTrivial(DateTimeOffset at) =>
        _key.Presence switch
        {
            KeyPresence.Rare or KeyPresence.Narrowing => Passes(null),
            KeyPresence.Avoidable => Passes(null) || PassesAll(at),
            _ => PassesAll(at),
        };

    /// <summary>Whether it passes for those whom a guard must catch: not where they choose to leave its key out, or in.</summary>
    public bool IsTrivialInGuard(DateTimeOffset at) => _key.Presence != KeyPresence.Avoidable && IsTrivial(at);

    /// <inheritdoc cref="PolicyCondition.IsCertain"/>
    public bool IsCertain(DateTimeOffset at) => !_operator.IsNegated && PassesAll(at) && (_key.Presence == KeyPresence.Always || Passes(null));

    /// <inheritdoc cref="PolicyCondition.Requires"/>
    public Controls Requires(DateTimeOffset at) =>
        _key.Control switch
        {
            Controls.Mfa => !Passes(null) && (_key.Presence == KeyPresence.Narrowing || (Passes("true") && !Passes("false"))) ? Controls.Mfa : Controls.None,
            Controls.ExternalId => IsPositive && !Passes(null) && Values.Length > 0 && Array.TrueForAll(Values, IsGivenValue)
                ? Controls.ExternalId
                : Controls.None,
            var control => !_operator.IsNegated && _operator.Kind != OperatorKind.Null && !IsTrivial(at) ? control : Controls.None,
        };

    /// <inheritdoc cref="PolicyCondition.Guards"/>
    public Controls Guards(DateTimeOffset at) =>
        _key.Control switch
        {
            Controls.Mfa when _key.Presence == KeyPresence.Narrowing => Passes(null) ? Controls.Mfa : Controls.None,
            Controls.Mfa => Passes(null) && Passes("false") && !Passes("true") ? Controls.Mfa : Controls.None,
            Controls.None or Controls.ExternalId => Controls.None,
            var control => _operator.IsNegated && Values.Length > 0 && _key.Samples(_operator.Kind, at).Any(Passes) ? control : Controls.None,
        };

    /// <summary>Whether a value tells anything about the external id: not one that any text matches.</summary>
    private bool IsGivenValue(string value) => !IsOwnVariable(value) && value.Length > 0 && !(HasWildcards && value.AsSpan().Trim("*?").IsEmpty);

    /// <summary>A value with the holder's account in the places of the variables that stand for it, and an ARN in the partition of the samples.</summary>
    private static string Placed(string value, string account)
    {
        value = value
            .Replace("${aws:PrincipalAccount}", account, StringComparison.OrdinalIgnoreCase)
            .Replace("${aws:ResourceAccount}", account, StringComparison.OrdinalIgnoreCase);
        return value.Split(':', 3) is ["arn", var partition, var rest] && Partitions.Has(partition) ? $"arn:{Partitions.All[0]}:{rest}" : value;
    }

    private static string? AccountOf(string arn) => arn.Split(':', 6) is [_, _, _, _, var account, _] ? account : null;

    private bool PassesAll(DateTimeOffset at) => _key.Samples(_operator.Kind, at).All(Passes) || (_key.IsAddress && ConditionKey.SixAddresses.All(Passes));

    /// <summary>"${aws:username}" as the value for aws:username: the key is compared with itself.</summary>
    private bool IsOwnVariable(string value) =>
        value.StartsWith("${", StringComparison.Ordinal)
        && value.AsSpan(2).StartsWith(_key.Name, StringComparison.OrdinalIgnoreCase)
        && value.AsSpan(2 + _key.Name.Length) is [',' or '}', ..];
}
