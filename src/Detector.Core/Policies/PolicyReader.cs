using System.Text.Json;

namespace Detector.Core.Policies;

/// <summary>
/// Reads the JSON of a policy. Names of elements count without letter case, those that no policy has are passed over, and what is given twice is refused,
/// so that nothing can be hidden behind its double.
/// </summary>
internal ref struct PolicyReader
{
    /// <summary>A policy's deepest value, one of a condition, lies seven deep.</summary>
    private const int MaxDepth = 32;

    /// <summary>AWS accepts far fewer: a managed policy has at most 6,144 characters.</summary>
    private const int MaxValues = 8192;

    private Utf8JsonReader _json;
    private int _values;

    private PolicyReader(ReadOnlySpan<byte> json) => _json = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = PolicyText.MaxLength });

    /// <summary>Reads one JSON object.</summary>
    public static PolicyDocument Read(ReadOnlySpan<byte> json)
    {
        var reader = new PolicyReader(json);
        try
        {
            return new PolicyDocument(reader.Document());
        }
        catch (FaultException fault)
        {
            return new PolicyDocument(fault.Fault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Malformed, half a surrogate pair, or no UTF-8.
            return new PolicyDocument(PolicyFault.NotJson);
        }
    }

    private List<PolicyStatement> Document()
    {
        _json.Read();
        List<PolicyStatement>? statements = null;
        while (NextName() is { } name)
        {
            if (Is(name, "Statement"))
            {
                Once(statements);
                statements = Statements();
            }
            else
            {
                Skip();
            }
        }
        // What follows the object is no JSON, and throws.
        _json.Read();
        return statements ?? throw new FaultException(PolicyFault.Incomplete);
    }

    private List<PolicyStatement> Statements()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            return [Statement()];
        }
        var statements = new List<PolicyStatement>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            Count();
            statements.Add(Statement());
        }
        return statements;
    }

    private PolicyStatement Statement()
    {
        Expect(JsonTokenType.StartObject);
        string? effect = null;
        PatternList? actions = null;
        PatternList? resources = null;
        PrincipalList? principals = null;
        PolicyCondition? condition = null;
        while (NextName() is { } name)
        {
            if (Is(name, "Effect"))
            {
                Once(effect);
                effect = Text();
            }
            else if (Is(name, "Action") || Is(name, "NotAction"))
            {
                Once(actions);
                actions = new PatternList([.. Strings().Select(action => Wildcard.Collapse(action.ToLowerInvariant()))], name[0] is 'N' or 'n');
            }
            else if (Is(name, "Resource") || Is(name, "NotResource"))
            {
                Once(resources);
                resources = new PatternList([.. Strings().Select(Wildcard.Collapse)], name[0] is 'N' or 'n');
            }
            else if (Is(name, "Principal") || Is(name, "NotPrincipal"))
            {
                Once(principals);
                principals = new PrincipalList([.. Principals()], name[0] is 'N' or 'n');
            }
            else if (Is(name, "Condition"))
            {
                Once(condition);
                condition = Condition();
            }
            else
            {
                Skip();
            }
        }
        if (effect is null || actions is null)
        {
            throw new FaultException(PolicyFault.Incomplete);
        }
        var allows = Is(effect, "Allow");
        if (!allows && !Is(effect, "Deny"))
        {
            throw new FaultException(PolicyFault.WrongType);
        }
        return new PolicyStatement(allows, actions.Value, resources ?? PatternList.All, principals, condition ?? PolicyCondition.None);
    }

    private List<Principal> Principals()
    {
        if (_json.TokenType == JsonTokenType.String)
        {
            return [Principal.Of("AWS", Text())];
        }
        Expect(JsonTokenType.StartObject);
        var principals = new List<Principal>();
        var types = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (NextName() is { } type)
        {
            OnceIn(types, type);
            principals.AddRange(Strings().Select(text => Principal.Of(type, text)));
        }
        return principals;
    }

    private PolicyCondition Condition()
    {
        Expect(JsonTokenType.StartObject);
        var tests = new List<ConditionTest>();
        var operators = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (NextName() is { } name)
        {
            OnceIn(operators, name);
            Expect(JsonTokenType.StartObject);
            var keys = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            while (NextName() is { } key)
            {
                OnceIn(keys, key);
                tests.Add(ConditionTest.Of(name, key, [.. Values()]));
            }
        }
        return tests.Count == 0 ? PolicyCondition.None : new PolicyCondition([.. tests]);
    }

    /// <summary>One string, or a list of strings.</summary>
    private List<string> Strings()
    {
        if (_json.TokenType == JsonTokenType.String)
        {
            return [Text()];
        }
        Expect(JsonTokenType.StartArray);
        var texts = new List<string>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(Text());
        }
        return texts;
    }

    /// <summary>One value of a condition or a list of them: strings, numbers and booleans mean the same as their text.</summary>
    private List<string> Values()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            return [Value()];
        }
        var texts = new List<string>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(Value());
        }
        return texts;
    }

    private string Value() =>
        _json.TokenType switch
        {
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(_json.ValueSpan),
            _ => Text(),
        };

    private string Text()
    {
        Expect(JsonTokenType.String);
        Count();
        return _json.GetString()!;
    }

    /// <summary>The next key of an object, with the reader on its value; null at the object's end.</summary>
    private string? NextName()
    {
        if (!_json.Read() || _json.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }
        var name = _json.GetString();
        _json.Read();
        return name;
    }

    /// <summary>Passes over a value that means nothing here; the only place where JSON may go deep.</summary>
    private void Skip()
    {
        if (_json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }
        var depth = _json.CurrentDepth;
        while (_json.Read() && _json.CurrentDepth > depth)
        {
            if (_json.CurrentDepth > MaxDepth)
            {
                throw new FaultException(PolicyFault.TooDeep);
            }
        }
    }

    private readonly void Expect(JsonTokenType type)
    {
        if (_json.TokenType != type)
        {
            throw new FaultException(PolicyFault.WrongType);
        }
    }

    private void Count()
    {
        if (++_values > MaxValues)
        {
            throw new FaultException(PolicyFault.TooLarge);
        }
    }

    private static bool Is(string name, string element) => name.Equals(element, StringComparison.OrdinalIgnoreCase);

    private static void Once(object? before)
    {
        if (before is not null)
        {
            throw new FaultException(PolicyFault.Ambiguous);
        }
    }

    private static void OnceIn(HashSet<string> names, string name)
    {
        if (!names.Add(name))
        {
            throw new FaultException(PolicyFault.Ambiguous);
        }
    }

    /// <summary>Leaves the reader with what is wrong; never leaves this file.</summary>
    private sealed class FaultException(PolicyFault fault) : Exception
    {
        public PolicyFault Fault { get; } = fault;
    }
}
