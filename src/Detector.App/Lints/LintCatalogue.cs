namespace Detector.App.Lints;

/// <summary>Every kind of finding there is. README and SARIF list them from here.</summary>
internal static class LintCatalogue
{
    private const string Contents = "CloudTrail User Guide, \"CloudTrail record contents\" and \"CloudTrail userIdentity element\"";
    private const string Models =
        "names of operations in the AWS API models, and the CloudTrail User Guide's pages on each service (src/Detector.App/AwsFacts)";
    private const string Delivery = "EventBridge User Guide, \"AWS service events delivered via AWS CloudTrail\"";

    public static readonly Lint Refused = new("load/refused", "A file or rule is not in the set.");
    public static readonly Lint Doubtful = new("load/doubtful", "The set takes the rule otherwise than it may be meant.");
    public static readonly Lint Skipped = new("load/skipped", "The rule is for another log source.");

    public static readonly Lint UnknownEvent = new("never-fires/unknown-event", "No call of this name is logged with the event source.", Models);
    public static readonly Lint OtherSource = new("never-fires/event-of-another-source", "Another event source logs the call.", Models);
    public static readonly Lint UnknownSource = new("never-fires/unknown-source", "No event source of this name is known.", Models);
    public static readonly Lint UnknownField = new("never-fires/unknown-field", "CloudTrail records have no such field.", Contents);
    public static readonly Lint ImpossibleValue = new("never-fires/impossible-value", "The field never has such a value.", Contents);
    public static readonly Lint SuccessCode = new("never-fires/success-code", "A call that succeeded has no errorCode: the field is left out.", Contents);
    public static readonly Lint FieldAsValue = new("never-fires/field-as-value", "A field's name is compared as if it were a value.");
    public static readonly Lint DifferentKinds = new("never-fires/different-kinds", "Two fields are compared that never are equal.", Contents);
    public static readonly Lint Contradiction = new("never-fires/contradiction", "One field is asked to have two values at once.");
    public static readonly Lint AlwaysFalse = new("never-fires/always-false", "The condition as a whole is false of every record.", Contents);

    public static readonly Lint VersionedEvent = new("misses/versioned-event", "CloudTrail writes the name with a version behind it.", Models);
    public static readonly Lint OtherShape = new("misses/other-shape", "The request is recorded in another shape as well.", Models);
    public static readonly Lint ParameterCase = new("misses/parameter-case", "Request parameters of this service begin with a small letter.", Models);
    public static readonly Lint MfaAbsent = new("misses/mfa-absent", "Callers without a session have no mfaAuthenticated at all.", Contents);
    public static readonly Lint MfaFederated = new(
        "noise/mfa-federated",
        "A sign-in through an identity provider always says that no MFA was used.",
        "CloudTrail User Guide, \"AWS Management Console sign-in events\""
    );

    public static readonly Lint AlwaysTrue = new("noise/always-true", "A test that every record meets.", Contents);
    public static readonly Lint ChosenExclusion = new("evasion/exclusion", "What a caller chooses is enough to be excluded.", Contents);
    public static readonly Lint ChosenSelection = new("evasion/selection", "The rule fires only for what a caller chooses to send.", Contents);

    public static readonly Lint SuppressionExpired = new("suppression/expired", "The suppression hides nothing any more.");
    public static readonly Lint SuppressionExpires = new("suppression/expires-soon", "The suppression is about to end.");
    public static readonly Lint SuppressionChosen = new("suppression/chosen", "What a caller chooses is enough to be hidden.", Contents);
    public static readonly Lint SuppressionHidesCase = new("suppression/hides-case", "A case that must fire would not be told.");

    public static readonly Lint ReadOnly = new("delivery/read-only-events", "The rule needs events that EventBridge passes on in one state only.", Delivery);
    public static readonly Lint DataEvents = new("delivery/data-events", "The rule needs events that a trail records only if told to.", Delivery);
    public static readonly Lint Region = new(
        "delivery/region",
        "Events of this source appear in one region only.",
        "CloudTrail User Guide, \"About global service events\""
    );

    public static readonly Lint TriedAlways = new("cost/tried-always", "No index serves the rule: it is tried on every record.");
    public static readonly Lint Keywords = new("cost/keywords", "Keywords search every value of a record.");
    public static readonly Lint PlainRegex = new("cost/plain-regex", "A regular expression does what a plain modifier could.");

    public static readonly Lint EmptyList = new("text/empty-list", "An empty list asks for the absence of the field.");
    public static readonly Lint NullInList = new("text/null-in-list", "A null in a list asks for the absence of the field.");
    public static readonly Lint UnusedSearch = new("text/unused-search", "The condition does not name the search.");
    public static readonly Lint Metadata = new("text/metadata", "A rule that ships says more of itself.");

    /// <summary>All of them, in the order in which people are shown them.</summary>
    public static IReadOnlyList<Lint> All { get; } =
    [
        Refused,
        Doubtful,
        Skipped,
        UnknownEvent,
        OtherSource,
        UnknownSource,
        UnknownField,
        ImpossibleValue,
        SuccessCode,
        FieldAsValue,
        DifferentKinds,
        Contradiction,
        AlwaysFalse,
        VersionedEvent,
        OtherShape,
        ParameterCase,
        MfaAbsent,
        MfaFederated,
        AlwaysTrue,
        ChosenExclusion,
        ChosenSelection,
        SuppressionExpired,
        SuppressionExpires,
        SuppressionChosen,
        SuppressionHidesCase,
        ReadOnly,
        DataEvents,
        Region,
        TriedAlways,
        Keywords,
        PlainRegex,
        EmptyList,
        NullInList,
        UnusedSearch,
        Metadata,
    ];
}
