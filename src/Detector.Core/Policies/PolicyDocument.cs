using Detector.Core.Events.Json;

namespace Detector.Core.Policies;

/// <summary>
/// A policy document of IAM, or of a resource, as a record carries it. What cannot be read has a <see cref="Fault"/> and no statements: that is a fact of
/// its own, and never a sign of harmlessness.
/// </summary>
public sealed class PolicyDocument
{
    internal PolicyDocument(IReadOnlyList<PolicyStatement> statements) => Statements = statements;

    internal PolicyDocument(PolicyFault fault)
    {
        Statements = [];
        Fault = fault;
    }

    /// <summary>Why the document cannot be read; <see cref="PolicyFault.None"/> if it can.</summary>
    public PolicyFault Fault { get; }

    internal IReadOnlyList<PolicyStatement> Statements { get; }

    /// <summary>Whether what it allows may depend on the request.</summary>
    internal bool HasConditions => Statements.Any(statement => statement.Condition.Tests.Count > 0);

    /// <summary>
    /// Reads a document: a JSON object, a JSON string that holds one, or the text of such a string without its quotes; percent-encoded, once or more often,
    /// or not. Never throws.
    /// </summary>
    /// <param name="json">UTF-8.</param>
    public static PolicyDocument Read(ReadOnlySpan<byte> json) => PolicyText.Read(json);

    /// <summary>Reads the document that a field of a record holds, as a <see cref="FieldTable"/> hands it out. Never throws.</summary>
    /// <param name="slice">The value's bytes; of a string those between its quotes, still escaped.</param>
    /// <param name="kind">What the value is.</param>
    public static PolicyDocument Read(ReadOnlySpan<byte> slice, JsonKind kind) =>
        kind switch
        {
            JsonKind.String when slice.Length > PolicyText.MaxLength => new PolicyDocument(PolicyFault.TooLarge),
            JsonKind.String => Read(JsonText.Unescape(slice)),
            JsonKind.Null => new PolicyDocument(PolicyFault.Empty),
            _ => Read(slice),
        };

    /// <summary>All the documents that bind one holder, as one: a Deny in one cancels the Allow in another. A fault of one is the fault of all.</summary>
    public static PolicyDocument Union(IEnumerable<PolicyDocument> documents)
    {
        var all = documents.ToList();
        var fault = all.Select(document => document.Fault).FirstOrDefault(f => f != PolicyFault.None);
        return new PolicyDocument([.. all.SelectMany(document => document.Statements)], fault);
    }

    private PolicyDocument(IReadOnlyList<PolicyStatement> statements, PolicyFault fault)
    {
        Statements = statements;
        Fault = fault;
    }
}

/// <summary>Why a policy document cannot be read.</summary>
public enum PolicyFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>There is no text, or null.</summary>
    Empty,

    /// <summary>More text or more values than any service of AWS accepts.</summary>
    TooLarge,

    /// <summary>No well-formed JSON, also after every decoding.</summary>
    NotJson,

    /// <summary>Nested deeper than a policy can be.</summary>
    TooDeep,

    /// <summary>JSON, but no object.</summary>
    NotAnObject,

    /// <summary>An element that must be there is not: Statement, Effect, or both Action and NotAction.</summary>
    Incomplete,

    /// <summary>An element is not of the type that the grammar asks for, or an Effect is neither Allow nor Deny.</summary>
    WrongType,

    /// <summary>An element is given twice, or together with its opposite (Action and NotAction): nobody can tell which one counts.</summary>
    Ambiguous,
}
