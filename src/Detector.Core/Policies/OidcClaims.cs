namespace Detector.Core.Policies;

/// <summary>What a trust policy asks of the claims of an OIDC token, whose condition keys begin with the issuer.</summary>
internal static class OidcClaims
{
    private const string Cognito = "cognito-identity.amazonaws.com";

    /// <summary>Begins every subject of a Kubernetes cluster; the namespace and the account's name follow.</summary>
    private const string ServiceAccount = "system:serviceaccount:";

    public static OidcSubject SubjectOf(Principal provider, PolicyCondition condition, DateTimeOffset at)
    {
        if (provider.Issuer is not { } issuer)
        {
            return OidcSubject.None;
        }
        if (issuer.Equals(Cognito, StringComparison.OrdinalIgnoreCase))
        {
            // Its subjects are made up on the spot: what matters is whether guests are let in.
            return TestsOf(issuer, "amr", condition).Any(test => !test.Passes("unauthenticated")) && RestrictsAudience(provider, condition, at)
                ? OidcSubject.Restricted
                : OidcSubject.Wide;
        }
        var widths = TestsOf(issuer, "sub", condition).Select(Width).DefaultIfEmpty(OidcSubject.Missing).Max();
        // Other claims tell a customer's tokens apart as well: repository, job_workflow_ref, oaud.
        var isOtherwiseRestricted = condition.Tests.Any(test =>
            test.Key.StartsWith($"{issuer}:", StringComparison.OrdinalIgnoreCase)
            && !test.Key.EndsWith(":sub", StringComparison.Ordinal)
            && !test.Key.EndsWith(":aud", StringComparison.Ordinal)
            && test.IsPositive
            && !test.Passes(null)
            && !test.IsTrivial(at)
        );
        return isOtherwiseRestricted ? OidcSubject.Restricted
            : provider.HasTenantIssuer && widths is (OidcSubject.Missing or OidcSubject.Wide) ? OidcSubject.Tenant
            : widths;
    }

    public static bool RestrictsAudience(Principal provider, PolicyCondition condition, DateTimeOffset at) =>
        provider.Issuer is { } issuer && TestsOf(issuer, "aud", condition).Any(test => test.IsPositive && !test.IsTrivial(at));

    private static IEnumerable<ConditionTest> TestsOf(string issuer, string claim, PolicyCondition condition) =>
        condition.Tests.Where(test => test.Key.Equals($"{issuer}:{claim}", StringComparison.OrdinalIgnoreCase));

    /// <summary>What a test of the subject lets pass: as much as its widest value.</summary>
    private static OidcSubject Width(ConditionTest test) =>
        !test.IsPositive ? OidcSubject.Wide
        : test.Values.Length == 0 || !test.HasWildcards ? OidcSubject.Restricted
        : test.Values.Min(Width);

    /// <summary>A subject goes from the customer to the detail: <c>repo:acme/site:ref:refs/heads/main</c>, <c>organization:acme:project:site</c>.</summary>
    private static OidcSubject Width(string value)
    {
        var first = Wildcard.First(value);
        if (first < 0)
        {
            return OidcSubject.Restricted;
        }
        if (value.StartsWith(ServiceAccount, StringComparison.Ordinal) && value.AsSpan(ServiceAccount.Length).Trim("*?:").IsEmpty)
        {
            // Every pod of the cluster, whatever its namespace.
            return OidcSubject.Wide;
        }
        return value[..first].Split(':', '/').Length switch
        {
            <= 2 => OidcSubject.Wide,
            3 => OidcSubject.Tenant,
            _ => OidcSubject.Restricted,
        };
    }
}
