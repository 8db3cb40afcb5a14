using Detector.Core.Policies;

namespace Detector.Tests.Policies;

public sealed class TrustTests
{
    private const string Home = "111111111111";
    private const string GitHub = "'Principal':{'Federated':'arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com'}";
    private const string Sub = "token.actions.githubusercontent.com:sub";

    [Theory]
    [InlineData("'*'", PrincipalKind.Everyone, null, true)]
    [InlineData("{'AWS':'*'}", PrincipalKind.Everyone, null, true)]
    [InlineData("{'aws':['*']}", PrincipalKind.Everyone, null, true)]
    [InlineData("{'AWS':'222222222222'}", PrincipalKind.Account, "222222222222", true)]
    [InlineData("{'AWS':'arn:aws:iam::222222222222:root'}", PrincipalKind.Account, "222222222222", true)]
    [InlineData("{'AWS':'arn:aws-us-gov:iam::222222222222:user/eve'}", PrincipalKind.User, "222222222222", true)]
    [InlineData("{'AWS':'arn:aws:iam::222222222222:role/x'}", PrincipalKind.Role, "222222222222", true)]
    [InlineData("{'AWS':'arn:aws:sts::222222222222:assumed-role/x/y'}", PrincipalKind.RoleSession, "222222222222", true)]
    [InlineData("{'AWS':'arn:aws:iam::111111111111:root'}", PrincipalKind.Account, Home, false)]
    [InlineData("{'AWS':'AROAEXAMPLEEXAMPLEEX'}", PrincipalKind.Deleted, null, false)]
    [InlineData("{'Service':'ec2.amazonaws.com'}", PrincipalKind.Service, null, false)]
    [InlineData("{'Federated':'arn:aws:iam::111111111111:saml-provider/Okta'}", PrincipalKind.SamlProvider, Home, false)]
    [InlineData("{'CanonicalUser':'79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'}", PrincipalKind.CanonicalUser, null, true)]
    [InlineData("{'AWS':'who'}", PrincipalKind.Unknown, null, true)]
    public void Trust_OnePrincipal_IsNamed(string principal, PrincipalKind kind, string? account, bool isOutside)
    {
        var trust = Policy.TrustOf($"'Effect':'Allow','Action':'sts:AssumeRole*','Principal':{principal}");

        var trusted = Assert.Single(trust.Principals);
        Assert.Equal((kind, account), (trusted.Principal.Kind, trusted.Principal.AccountId));
        Assert.Equal(isOutside, trust.OutsideOf(Home).Any());
        Assert.False(trusted.IsConditioned || trusted.HasExternalId);
    }

    [Fact]
    public void Trust_NotPrincipal_LetsInEverybody() =>
        Assert.True(Assert.Single(Policy.TrustOf("'Effect':'Allow','Action':'sts:AssumeRole','NotPrincipal':{'AWS':'222222222222'}").Principals).IsWorld);

    [Theory]
    [InlineData("", false, true)]
    [InlineData("'Condition':{'ArnEquals':{'aws:SourceArn':'arn:aws:events:us-east-1:111111111111:rule/detector'}}", true, true)]
    [InlineData("'Condition':{'ArnLike':{'AWS:SourceArn':['arn:aws:events:*:111111111111:rule/*']}}", true, true)]
    [InlineData("'Condition':{'ArnEquals':{'aws:SourceArn':'arn:aws:events:us-east-1:111111111111:rule/other'}}", true, false)]
    [InlineData("'Condition':{'ArnLike':{'aws:SourceArn':'arn:aws:events:*:*:rule/*'}}", false, true)]
    [InlineData("'Condition':{'StringLike':{'aws:SourceArn':'*'}}", false, true)]
    [InlineData("'Condition':{'ArnLikeIfExists':{'aws:SourceArn':'arn:aws:events:*:111111111111:rule/*'}}", false, true)]
    [InlineData("'Condition':{'ArnNotEquals':{'aws:SourceArn':'arn:aws:events:us-east-1:222222222222:rule/x'}}", false, true)]
    [InlineData("'Condition':{'StringEquals':{'aws:SourceAccount':'111111111111'}}", true, true)]
    [InlineData("'Condition':{'StringEquals':{'aws:SourceAccount':'222222222222'}}", true, false)]
    [InlineData("'Condition':{'StringEquals':{'aws:SourceOrgID':'o-1'}}", true, true)]
    [InlineData("'Condition':{'Bool':{'aws:SecureTransport':'true'}}", false, true)]
    public void Trust_OfAService_NamesForWhomItMayCome(string condition, bool namesSource, bool admits)
    {
        var statement =
            $"'Effect':'Allow','Action':'sqs:SendMessage','Principal':{{'Service':'events.amazonaws.com'}}{(condition.Length > 0 ? $",{condition}" : "")}";
        var document = Policy.Read(Policy.Of(statement));

        Assert.Equal(namesSource, Assert.Single(Trust.OfResource(document, Policy.At, "sqs:sendmessage").Principals).NamesSource);
        Assert.Equal(admits, Admits(document));
        Assert.False(Trust.Admits(document, Policy.At, "s3.amazonaws.com", "sqs:sendmessage", "arn:aws:s3:::b"));
    }

    [Theory]
    [InlineData("'Principal':'*'", false)]
    [InlineData("'Principal':{'Service':'events.amazonaws.com'},'Condition':{'ArnLike':{'aws:SourceArn':'*'}}", false)]
    [InlineData("'Principal':'*','Condition':{'Bool':{'aws:SecureTransport':'false'}}", true)]
    [InlineData("'Principal':{'AWS':'222222222222'}", true)]
    public void Admits_Denied_IsNotAdmitted(string denial, bool admits) =>
        Assert.Equal(
            admits,
            Admits(
                Policy.Read(
                    Policy.Of("'Effect':'Allow','Action':'sqs:*','Principal':{'Service':'events.amazonaws.com'}", $"'Effect':'Deny','Action':'sqs:*',{denial}")
                )
            )
        );

    private static bool Admits(PolicyDocument document) =>
        Trust.Admits(document, Policy.At, "events.amazonaws.com", "sqs:sendmessage", "arn:aws:events:us-east-1:111111111111:rule/detector");

    [Theory]
    [InlineData("'Action':'sts:TagSession'", "sts:tagsession")]
    [InlineData("'NotAction':'sts:*'", "s3:getobject")]
    [InlineData("'Action':'s3:GetObject'", "s3:getobject")]
    public void Trust_OtherActions_LetNobodyIn(string action, string allowed)
    {
        var statement = $"'Effect':'Allow','Principal':'*',{action}";

        Assert.Empty(Policy.TrustOf(statement).Principals);
        Assert.Single(Trust.OfResource(Policy.Read(Policy.Of(statement)), Policy.At, allowed).Principals);
        Assert.Empty(Trust.OfResource(Policy.Read(Policy.Of(statement)), Policy.At, "sts:assumerole").Principals);
    }

    [Theory]
    [InlineData("{'StringEquals':{'sts:ExternalId':'secret-7'}}", true)]
    [InlineData("{'stringequalsignorecase':{'STS:externalid':['a','b']}}", true)]
    [InlineData("{'StringLike':{'sts:ExternalId':'vendor-*'}}", true)]
    [InlineData("{'StringLike':{'sts:ExternalId':'*'}}", false)]
    [InlineData("{'StringLike':{'sts:ExternalId':['a','?*']}}", false)]
    [InlineData("{'StringEqualsIfExists':{'sts:ExternalId':'a'}}", false)]
    [InlineData("{'ForAllValues:StringEquals':{'sts:ExternalId':'a'}}", false)]
    [InlineData("{'StringNotEquals':{'sts:ExternalId':'a'}}", false)]
    [InlineData("{'Null':{'sts:ExternalId':'false'}}", false)]
    [InlineData("{'Bool':{'aws:MultiFactorAuthPresent':'true'}}", false)]
    public void Trust_ExternalId_MustBeOneThatNotEverybodyKnows(string condition, bool hasExternalId) =>
        Assert.Equal(hasExternalId, Single(condition).HasExternalId);

    [Fact]
    public void Trust_Conditions_AreToldApart()
    {
        Assert.True(Single("{'Bool':{'aws:MultiFactorAuthPresent':'true'}}") is { RequiresMfa: true, IsConditioned: true, RestrictsSource: false });
        Assert.True(Single("{'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}}") is { RestrictsSource: true, IsConditioned: true, RequiresMfa: false });
        Assert.True(Single("{'StringEquals':{'aws:PrincipalOrgID':'o-1'}}") is { RestrictsOrganization: true, IsConditioned: true });
        Assert.True(Single("{'StringEquals':{'aws:SourceAccount':'111111111111'}}") is { RestrictsSource: true });
        Assert.False(Single("{'StringLike':{'aws:PrincipalOrgID':'*'}}") is { IsConditioned: true });
    }

    [Fact]
    public void Trust_EverybodyUnderAConditionOnPrincipals_IsThose()
    {
        var own = Policy.TrustOf(
            "'Effect':'Allow','Action':'sts:AssumeRole','Principal':{'AWS':'*'},'Condition':{'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::111111111111:role/a*'}}"
        );
        var other = Policy.TrustOf(
            "'Effect':'Allow','Action':'sts:AssumeRole','Principal':'*','Condition':{'StringEquals':{'aws:PrincipalAccount':'222222222222'}}"
        );

        Assert.Empty(own.OutsideOf(Home));
        Assert.Equal("222222222222", Assert.Single(other.OutsideOf(Home)).Principal.AccountId);
    }

    [Fact]
    public void Trust_Deny_TakesBackOrGuards()
    {
        const string Allow = "'Effect':'Allow','Action':'sts:AssumeRole','Principal':{'AWS':['222222222222','arn:aws:iam::333333333333:role/x']}";

        Assert.Equal(
            "222222222222",
            Assert.Single(Policy.TrustOf(Allow, "'Effect':'Deny','Action':'sts:*','Principal':{'AWS':'333333333333'}").Principals).Principal.AccountId
        );
        Assert.Empty(Policy.TrustOf(Allow, "'Effect':'Deny','Action':'*','Principal':'*'").Principals);
        Assert.All(
            Policy.TrustOf(Allow, "'Effect':'Deny','Action':'*','Principal':'*','Condition':{'StringNotEquals':{'aws:PrincipalOrgID':'o-1'}}").Principals,
            trusted => Assert.True(trusted is { RestrictsOrganization: true, IsConditioned: true })
        );
    }

    [Theory]
    [InlineData("{}", OidcSubject.Missing)]
    [InlineData("{'StringEquals':{'token.actions.githubusercontent.com:aud':'sts.amazonaws.com'}}", OidcSubject.Missing)]
    [InlineData("{'StringLike':{'" + Sub + "':'*'}}", OidcSubject.Wide)]
    [InlineData("{'StringLike':{'" + Sub + "':'repo:*'}}", OidcSubject.Wide)]
    [InlineData("{'StringLike':{'" + Sub + "':'repo:*/*:ref:refs/heads/main'}}", OidcSubject.Wide)]
    [InlineData("{'StringLike':{'" + Sub + "':['repo:acme/site:*','repo:*']}}", OidcSubject.Wide)]
    [InlineData("{'StringNotEquals':{'" + Sub + "':'repo:acme/site:x'}}", OidcSubject.Wide)]
    [InlineData("{'StringLike':{'" + Sub + "':'system:serviceaccount:*:*'}}", OidcSubject.Wide)]
    [InlineData("{'StringLike':{'" + Sub + "':'system:serviceaccount:prod:*'}}", OidcSubject.Restricted)]
    [InlineData("{'StringLike':{'" + Sub + "':'system:serviceaccount:*:dns'}}", OidcSubject.Tenant)]
    [InlineData("{'StringLike':{'" + Sub + "':'repo:acme/*'}}", OidcSubject.Tenant)]
    [InlineData("{'StringLike':{'" + Sub + "':'repo:acme/site:*'}}", OidcSubject.Restricted)]
    [InlineData("{'StringEquals':{'" + Sub + "':'repo:acme/site:ref:refs/heads/main'}}", OidcSubject.Restricted)]
    [InlineData("{'StringEquals':{'token.actions.githubusercontent.com:repository':'acme/site'}}", OidcSubject.Restricted)]
    public void Trust_OidcSubject_IsAsWideAsItsWidestValue(string condition, OidcSubject subject)
    {
        var trust = Policy.TrustOf($"'Effect':'Allow','Action':'sts:AssumeRoleWithWebIdentity',{GitHub},'Condition':{condition}");

        var trusted = Assert.Single(trust.Principals);
        Assert.Equal(PrincipalKind.OidcProvider, trusted.Principal.Kind);
        Assert.Equal(subject, trusted.Subject);
        Assert.Equal(subject is OidcSubject.Missing or OidcSubject.Wide, trust.OutsideOf(Home).Any());
        Assert.Equal(condition.Contains(":aud", StringComparison.Ordinal), trusted.RestrictsAudience);
    }

    [Theory]
    [InlineData("oidc.circleci.com/org/6b1f", "{}", OidcSubject.Tenant)]
    [InlineData("OIDC.circleci.com/org/6b1f", "{}", OidcSubject.Tenant)]
    [InlineData("oidc.vercel.com/rivet", "{'StringLike':{'oidc.vercel.com/rivet:sub':'owner:*'}}", OidcSubject.Tenant)]
    [InlineData("token.actions.githubusercontent.com/rivet", "{}", OidcSubject.Tenant)]
    [InlineData(
        "token.actions.githubusercontent.com/rivet",
        "{'StringLike':{'token.actions.githubusercontent.com/rivet:sub':'repo:rivet/site:*'}}",
        OidcSubject.Restricted
    )]
    [InlineData(
        "api.bitbucket.org/2.0/workspaces/rivet/pipelines-config/identity/oidc",
        "{'StringLike':{'api.bitbucket.org/2.0/workspaces/rivet/pipelines-config/identity/oidc:sub':'{0a1b}:*'}}",
        OidcSubject.Tenant
    )]
    [InlineData("oidc.circleci.com", "{}", OidcSubject.Missing)]
    [InlineData("oidc.circleci.com/org/", "{}", OidcSubject.Missing)]
    [InlineData("oidc.vercel.com", "{}", OidcSubject.Missing)]
    [InlineData("token.actions.githubusercontent.com", "{}", OidcSubject.Missing)]
    [InlineData("token.actions.githubusercontent.com/", "{}", OidcSubject.Missing)]
    [InlineData("gitlab.com", "{}", OidcSubject.Missing)]
    [InlineData("gitlab.com/rivet", "{}", OidcSubject.Missing)] // there is no such issuer
    [InlineData("app.terraform.io", "{}", OidcSubject.Missing)]
    public void Trust_IssuerWhosePathNamesACustomer_TakesNobodyElsesTokens(string issuer, string condition, OidcSubject subject)
    {
        var trust = Policy.TrustOf(
            $"'Effect':'Allow','Action':'sts:AssumeRoleWithWebIdentity','Principal':{{'Federated':'arn:aws:iam::111111111111:oidc-provider/{issuer}'}},'Condition':{condition}"
        );

        Assert.Equal(subject, Assert.Single(trust.Principals).Subject);
        Assert.Equal(subject == OidcSubject.Missing, trust.LetsEverybodyIn);
        Assert.Equal(subject == OidcSubject.Missing, trust.OutsideOf(Home).Any());
    }

    [Fact]
    public void Trust_ClusterOfOnesOwn_IsNotOutside() =>
        Assert.Empty(
            Policy
                .TrustOf(
                    "'Effect':'Allow','Action':'sts:AssumeRoleWithWebIdentity','Principal':{'Federated':'arn:aws:iam::111111111111:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/AB'}"
                )
                .OutsideOf(Home)
        );

    [Fact]
    public void Trust_Unreadable_SaysSo() => Assert.Equal(PolicyFault.NotJson, Trust.Of(Policy.Read("{"), Policy.At).Fault);

    private static TrustedPrincipal Single(string condition) =>
        Assert.Single(Policy.TrustOf($"'Effect':'Allow','Action':'sts:AssumeRole','Principal':{{'AWS':'222222222222'}},'Condition':{condition}").Principals);
}
