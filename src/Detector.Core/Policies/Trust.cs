namespace Detector.Core.Policies;

/// <summary>Whom a trust policy, or the policy of another resource, lets in.</summary>
public sealed class Trust
{
    private static readonly string[] Assuming = ["sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];

    private Trust(PolicyFault fault, IReadOnlyList<TrustedPrincipal> principals)
    {
        Fault = fault;
        Principals = principals;
    }

    /// <summary>Why the document could not be read; then nobody knows whom it lets in.</summary>
    public PolicyFault Fault { get; }

    /// <summary>Everybody who is let in, in the order of the document; somebody whom several statements let in appears once for each way in.</summary>
    public IReadOnlyList<TrustedPrincipal> Principals { get; }

    /// <summary>Whether one of them is everybody: see <see cref="TrustedPrincipal.IsWorld"/>.</summary>
    public bool LetsEverybodyIn => Principals.Any(one => one.IsWorld);

    /// <summary>Reads a role's trust policy: who may assume it.</summary>
    /// <param name="document">The document.</param>
    /// <param name="at">When the event happened; dates in conditions are held against it.</param>
    public static Trust Of(PolicyDocument document, DateTimeOffset at) => Of(document, at, statement => Array.Exists(Assuming, statement.Actions.Contains));

    /// <summary>Reads the policy of any resource: who may do one thing with it.</summary>
    /// <param name="document">The document.</param>
    /// <param name="at">When the event happened.</param>
    /// <param name="action">In lower case, such as <c>s3:putobject</c>.</param>
    public static Trust OfResource(PolicyDocument document, DateTimeOffset at, string action) =>
        Of(document, at, statement => statement.Actions.Contains(action));

    /// <summary>
    /// Whether a service of AWS may do one thing for a resource of somebody's, such as EventBridge for one of its rules. Of the conditions those on that resource
    /// and its account are judged; the others are taken to hold.
    /// </summary>
    /// <param name="document">The policy.</param>
    /// <param name="at">When.</param>
    /// <param name="service">Such as <c>events.amazonaws.com</c>.</param>
    /// <param name="action">In lower case.</param>
    /// <param name="source">The ARN of the resource.</param>
    public static bool Admits(PolicyDocument document, DateTimeOffset at, string service, string action, string source)
    {
        var principal = new Principal(PrincipalKind.Service, service);
        var about = document.Statements.Where(statement => statement.Principals is { } named && statement.Actions.Contains(action) && Means(named, principal));
        return about.Any(statement => statement.Allows && statement.Condition.PassesFor(source, others: true))
            && !about.Any(statement => !statement.Allows && (statement.Condition.IsCertain(at) || statement.Condition.PassesFor(source, others: false)));
    }

    /// <summary>
    /// Those who are neither this account nor a service of AWS: other accounts and their principals, everybody, and providers that let in people of any
    /// customer of theirs. A provider in this account with an issuer or a subject of its own counts as this account's.
    /// </summary>
    public IEnumerable<TrustedPrincipal> OutsideOf(string accountId) => Principals.Where(trusted => trusted.IsOutside(accountId));

    private static Trust Of(PolicyDocument document, DateTimeOffset at, Func<PolicyStatement, bool> isAbout)
    {
        var statements = document.Statements.Where(isAbout).ToList();
        var denials = statements.Where(statement => !statement.Allows && statement.Principals is not null).ToList();
        var trusted =
            from statement in statements
            where statement.Allows && statement.Principals is not null
            from principal in Named(statement.Principals!).SelectMany(principal => Narrowed(principal, statement.Condition, at))
            let denying = denials.Where(denial => Means(denial.Principals!, principal)).ToList()
            where !denying.Exists(denial => denial.Condition.IsCertain(at))
            select Admitted(principal, statement.Condition, denying, at);
        return new Trust(document.Fault, [.. trusted.Distinct()]);
    }

    private static TrustedPrincipal Admitted(Principal principal, PolicyCondition condition, List<PolicyStatement> denying, DateTimeOffset at)
    {
        var controls = denying.Aggregate(condition.Requires(at), (all, denial) => all | denial.Condition.Guards(at));
        return new TrustedPrincipal(principal)
        {
            IsConditioned = !condition.IsTrivial(at) || (controls & ~Controls.ExternalId) != Controls.None,
            HasExternalId = controls.HasFlag(Controls.ExternalId),
            RequiresMfa = controls.HasFlag(Controls.Mfa),
            RestrictsSource = controls.HasFlag(Controls.Source),
            RestrictsOrganization = controls.HasFlag(Controls.Organization),
            NamesSource = condition.Tests.Any(test => test.NamesSource),
            Subject = OidcClaims.SubjectOf(principal, condition, at),
            RestrictsAudience = OidcClaims.RestrictsAudience(principal, condition, at),
        };
    }

    private static Principal[] Named(PrincipalList list) => list.Except ? [new Principal(PrincipalKind.Everyone, "*")] : list.Principals;

    /// <summary>Everybody, under a condition that names accounts or principals, is those.</summary>
    private static Principal[] Narrowed(Principal principal, PolicyCondition condition, DateTimeOffset at)
    {
        if (principal.Kind != PrincipalKind.Everyone)
        {
            return [principal];
        }
        var naming = condition.Tests.FirstOrDefault(test =>
            test is { Key: "aws:principalaccount" or "aws:principalarn", IsPositive: true, Values.Length: > 0 } && !test.Passes(null) && !test.IsTrivial(at)
        );
        if (naming is null)
        {
            return [principal];
        }
        var named = Array.ConvertAll(naming.Values, value => Principal.Of("AWS", value));
        return Array.TrueForAll(named, one => one.AccountId is not null) ? named : [principal];
    }

    private static bool Means(PrincipalList list, Principal principal)
    {
        var named = Array.Exists(
            list.Principals,
            one =>
                one.Kind == PrincipalKind.Everyone
                || one.Text == principal.Text
                || (
                    one.Kind == PrincipalKind.Account
                    && one.AccountId == principal.AccountId
                    && principal.Kind is not (PrincipalKind.OidcProvider or PrincipalKind.SamlProvider)
                )
        );
        return named != list.Except;
    }
}

/// <summary>Somebody whom a trust policy lets in, and under which conditions.</summary>
/// <param name="Principal">Who.</param>
public sealed record TrustedPrincipal(Principal Principal)
{
    /// <summary>Whether there is a condition that not everybody meets.</summary>
    public bool IsConditioned { get; init; }

    /// <summary>Whether the caller must give one of certain external ids.</summary>
    public bool HasExternalId { get; init; }

    /// <summary>Whether the caller must have signed in with MFA.</summary>
    public bool RequiresMfa { get; init; }

    /// <summary>Whether the caller must come from certain addresses, networks, resources or accounts.</summary>
    public bool RestrictsSource { get; init; }

    /// <summary>Whether the caller must belong to an organisation.</summary>
    public bool RestrictsOrganization { get; init; }

    /// <summary>Whether it is named for which accounts or organisation it must come, be it by the ARN of a resource: a service comes for anybody else too.</summary>
    /// <remarks>IAM User Guide, "The confused deputy problem".</remarks>
    public bool NamesSource { get; init; }

    /// <summary>Of an OIDC provider, whose tokens are taken.</summary>
    public OidcSubject Subject { get; init; }

    /// <summary>Of an OIDC provider, whether the token must be made out to a certain audience.</summary>
    public bool RestrictsAudience { get; init; }

    /// <summary>Whether anybody in the world may come in: everybody, or an open subject of a provider that serves everybody, and no condition restricts it.</summary>
    public bool IsWorld => Principal.Kind == PrincipalKind.Everyone ? !IsConditioned : TakesAnyCustomer;

    /// <summary>An open subject of a provider that serves everybody.</summary>
    private bool TakesAnyCustomer => Principal.HasSharedIssuer && Subject is (OidcSubject.Missing or OidcSubject.Wide);

    internal bool IsOutside(string accountId) =>
        Principal.Kind switch
        {
            PrincipalKind.Service or PrincipalKind.Deleted => false,
            PrincipalKind.OidcProvider => (Principal.AccountId ?? accountId) != accountId || TakesAnyCustomer,
            _ => Principal.AccountId != accountId,
        };
}

/// <summary>Whose tokens of an OIDC provider a trust policy takes.</summary>
public enum OidcSubject
{
    /// <summary>The principal is no OIDC provider.</summary>
    None,

    /// <summary>Anybody's: the subject is not asked for.</summary>
    Missing,

    /// <summary>Anybody's: the subject is asked for with a pattern that every customer of the provider can meet, as <c>repo:*</c>.</summary>
    Wide,

    /// <summary>Everybody's of one customer, whom the subject names, as <c>repo:acme/*</c>, or the path of the issuer.</summary>
    Tenant,

    /// <summary>Those of one project, or of certain accounts of it.</summary>
    Restricted,
}
