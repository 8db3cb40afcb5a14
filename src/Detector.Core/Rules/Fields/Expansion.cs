namespace Detector.Core.Rules.Fields;

/// <summary>
/// Says in terms of a record's own fields what the derived fields say that rules ask most. So the index finds such rules by them, and no record is parsed whole
/// to learn whether a call succeeded. What the two say is the same; a test holds them to each other.
/// </summary>
internal static class Expansion
{
    private static readonly Condition SignIn = Condition.Is("eventSource", "signin.amazonaws.com", cased: true);

    private static readonly Condition Failed = new Condition.Or([HasText("errorCode"), HasText("errorMessage")]);

    private static readonly Condition Service = new Condition.Or([
        Condition.Is("eventType", "AwsServiceEvent", cased: true),
        Condition.Is("userIdentity.type", "AWSService", cased: true),
        new Condition.And([HasText("userIdentity.invokedBy"), new Condition.Not(Condition.Is("userIdentity.invokedBy", "signin.amazonaws.com", cased: true))]),
    ]);

    private static readonly Condition Root = new Condition.And([
        Condition.Is("userIdentity.type", "Root", cased: true),
        new Condition.Not(Service),
        new Condition.Not(Condition.Is("userIdentity.sessionContext.assumedRoot", "true")),
    ]);

    /// <summary>The condition, with tests of derived fields replaced where they can be.</summary>
    public static Condition Of(Condition condition) =>
        condition switch
        {
            Condition.And and => new Condition.And([.. and.Parts.Select(Of)]),
            Condition.Or or => new Condition.Or([.. or.Parts.Select(Of)]),
            Condition.Not not => new Condition.Not(Of(not.Part)),
            Condition.Field { Test: FieldTest.Text { Pattern: { Cased: false, Literal: { } text } } } field => Of(field, text),
            _ => condition,
        };

    private static Condition Of(Condition.Field field, string text) =>
        (field.Path, text.ToLowerInvariant()) switch
        {
            // The answer of a sign-in stands elsewhere.
            ("detector.outcome", "success") => Either(SignIn, field, new Condition.Not(Failed)),
            ("detector.outcome", "attempt") => Either(SignIn, field, Failed),
            ("detector.service", "true") => Service,
            ("detector.service", "false") => new Condition.Not(Service),
            ("detector.root", "true") => Root,
            ("detector.root", "false") => new Condition.Not(Root),
            _ => field,
        };

    private static Condition.Or Either(Condition which, Condition then, Condition otherwise) =>
        new([new Condition.And([new Condition.Not(which), otherwise]), new Condition.And([which, then])]);

    private static Condition.And HasText(string path) =>
        new([new Condition.Not(Condition.IsNull(path)), new Condition.Not(Condition.Is(path, "", cased: true))]);
}
