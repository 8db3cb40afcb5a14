using System.Text.RegularExpressions;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Finds rules that a caller can escape by what the caller alone chooses: user agent, session name, tags.</summary>
internal static partial class CallerChosen
{
    private const string Address = "sourceIPAddress";

    public static IEnumerable<Finding> Find(LintSubject subject) => Exclusions(subject, subject.Rule.Condition).Concat(Selections(subject));

    /// <summary>
    /// The tests by any of which alone a caller meets a condition at will; none if it takes something that nobody chooses. An address is chosen, too: a call
    /// through a VPC endpoint is recorded with the caller's address in a VPC, and whoever makes the VPC gives it any range.
    /// </summary>
    public static IEnumerable<Condition.Field> Enough(Condition condition) =>
        condition switch
        {
            Condition.Not { Part: Condition.Not twice } => Enough(twice.Part),
            // From the other side, all of a list is any of it, and any is all.
            Condition.Not { Part: Condition.Or any } => Enough(new Condition.And([.. any.Parts.Select(Negated)])),
            Condition.Not { Part: Condition.And every } => Enough(new Condition.Or([.. every.Parts.Select(Negated)])),
            Condition.Not { Part: Condition.Field field } => IsChosen(field) || field.Path == Address ? [field] : [],
            Condition.Or or => or.Parts.SelectMany(Enough),
            Condition.And all => all.Parts.All(part => Enough(part).Any()) ? all.Parts.SelectMany(Enough).Take(1) : [],
            Condition.Field field => IsChosen(field) || IsAddress(field) ? [field] : [],
            _ => [],
        };

    /// <summary>Whether it is met by an address; by the name of a service, which AWS writes there, no caller can.</summary>
    private static bool IsAddress(Condition.Field field) =>
        field.Path == Address
        && !(
            field.Test is FieldTest.Text { Pattern.Pieces: [.., { Kind: TextPieceKind.Literal } last] }
            && last.Text.EndsWith(".amazonaws.com", StringComparison.Ordinal)
        );

    private static Condition.Not Negated(Condition part) => new(part);

    private static IEnumerable<Finding> Exclusions(LintSubject subject, Condition condition) =>
        condition switch
        {
            Condition.And and => and.Parts.SelectMany(part => Exclusions(subject, part)),
            Condition.Or or => or.Parts.SelectMany(part => Exclusions(subject, part)),
            Condition.Not not => Sufficient(not.Part)
                .Where(field => subject.Holds(field) != false)
                .Select(field =>
                    subject.OfRule(
                        LintCatalogue.ChosenExclusion,
                        LintLevel.Warning,
                        $"{field.Path} alone excludes a call, and {Chooser(field.Path)}",
                        "exclude by something else as well that the caller cannot choose, such as the role's own ARN or an address"
                    ) with
                    {
                        Place = subject.Text.PlaceOf(field.Path, field.Test),
                    }
                ),
            _ => [],
        };

    /// <summary>The tests that a caller can meet by choice, each of which is enough for the condition to hold.</summary>
    private static IEnumerable<Condition.Field> Sufficient(Condition condition) =>
        condition switch
        {
            Condition.Field field when IsChosen(field) => [field],
            Condition.Or or => or.Parts.SelectMany(Sufficient),
            Condition.And all when all.Parts.All(part => Sufficient(part).Any()) => all.Parts.SelectMany(Sufficient).Take(1),
            _ => [],
        };

    private static bool IsChosen(Condition.Field field) =>
        field.Path switch
        {
            "userAgent" or "userIdentity.sessionContext.sourceIdentity" => true,
            "requestParameters.roleSessionName" or "requestParameters.sourceIdentity" or "requestParameters.keyName" => true,
            "userIdentity.arn" or "userIdentity.principalId" or "detector.actor" => IsSessionName(field),
            _ => field.Path.StartsWith("requestParameters.tag", StringComparison.Ordinal),
        };

    /// <summary>Whether a session of any role could be named so that it meets the test; a name holds neither colon nor slash.</summary>
    private static bool IsSessionName(Condition.Field field) =>
        field.Test is FieldTest.Text { Pattern: { Pieces: [{ Kind: TextPieceKind.AnyRun }, ..] pieces } }
        && pieces.Any(piece => piece.Text.Length > 0)
        && pieces
            .Where(piece => piece.Kind == TextPieceKind.Literal)
            .Select((piece, i) => i == 0 ? piece.Text.TrimStart(field.Path == "userIdentity.principalId" ? ':' : '/') : piece.Text)
            .All(text => SessionName().IsMatch(text));

    private static IEnumerable<Finding> Selections(LintSubject subject)
    {
        // If every test of the user agent fails, can the rule still fire?
        var agents = subject.Leaves.Where(leaf => leaf is { Path: "userAgent", Negated: false }).ToList();
        if (agents.Count == 0 || CanHold(subject.Rule.Condition))
            yield break;
        yield return subject.At(
            agents[0],
            LintCatalogue.ChosenSelection,
            LintLevel.Note,
            $"without this user agent the rule stays quiet, and {Chooser("userAgent")}",
            "keep the rule, but do not count on it"
        );
    }

    private static bool CanHold(Condition condition) =>
        condition switch
        {
            Condition.Field { Path: "userAgent" } => false,
            Condition.And and => and.Parts.All(CanHold),
            Condition.Or or => or.Parts.Any(CanHold),
            _ => true,
        };

    private static string Chooser(string path) =>
        path is "userIdentity.arn" or "userIdentity.principalId" or "detector.actor"
            ? "whoever assumes a role chooses the session name at its end"
            : "the caller chooses it";

    [GeneratedRegex(@"^[\w+=,.@-]*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SessionName();
}
