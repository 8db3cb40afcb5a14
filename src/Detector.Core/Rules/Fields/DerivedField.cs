namespace Detector.Core.Rules.Fields;

/// <summary>A field that rules ask for as if the record held it, and that is worked out when one does.</summary>
/// <param name="Name">Dotted, below <see cref="DerivedFields.Namespace"/>.</param>
/// <param name="Type">What its values are, for people: <c>true or false</c>, <c>number</c>, <c>texts</c>.</param>
/// <param name="Meaning">One sentence for people who write rules.</param>
/// <param name="Values">Its values for an event; none means that the field is absent.</param>
/// <param name="Asks">Whether it depends on what happened before, and of what it must be told.</param>
internal sealed record DerivedField(string Name, string Type, string Meaning, Func<EventContext, IEnumerable<string>> Values, Lessons Asks = Lessons.None)
{
    /// <summary>Whether its values depend on what happened before the event.</summary>
    public bool NeedsHistory => Asks != Lessons.None;

    /// <summary>A field that is always there.</summary>
    public static DerivedField Flag(string name, string meaning, Func<EventContext, bool?> value, Lessons asks = Lessons.None) =>
        new(name, "true or false", meaning, e => value(e) is { } flag ? [flag ? "true" : "false"] : [], asks);

    /// <summary>A field of one text at most.</summary>
    public static DerivedField Text(string name, string type, string meaning, Func<EventContext, string?> value, Lessons asks = Lessons.None) =>
        new(name, type, meaning, e => value(e) is { } text ? [text] : [], asks);

    /// <summary>A field of one whole number at most.</summary>
    public static DerivedField Number(string name, string meaning, Func<EventContext, long?> value, Lessons asks = Lessons.None) =>
        new(name, "number", meaning, e => value(e) is { } number ? [$"{number}"] : [], asks);
}
