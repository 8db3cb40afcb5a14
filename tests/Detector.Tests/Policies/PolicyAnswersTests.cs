using Detector.Core.Policies;

namespace Detector.Tests.Policies;

public sealed class PolicyAnswersTests
{
    private const string Everything = "'Effect':'Allow','Action':'*','Resource':'*'";

    [Theory]
    [InlineData("'Action':'*','Resource':'*'", Administration.Everything)]
    [InlineData("'Action':'*:*','Resource':'*'", Administration.Everything)]
    [InlineData("'Action':['**'],'Resource':['**']", Administration.Everything)]
    [InlineData("'Action':'*:**','Resource':'?*'", Administration.Everything)]
    [InlineData("'Action':'?*','Resource':'arn:*'", Administration.Everything)]
    [InlineData("'Action':'*','Resource':'arn:aws:*'", Administration.Everything)]
    [InlineData("'Action':'*','Resource':'arn:aws-cn:*'", Administration.Everything)]
    [InlineData("'Action':'*','Resource':'arn:aws-*:*:*'", Administration.Everything)]
    [InlineData("'Action':'*','Resource':'arn:*:*'", Administration.Everything)]
    [InlineData("'Action':'*','Resource':['arn:*:s3*','arn:*:iam*','arn:*:?*']", Administration.Everything)]
    [InlineData("'NotAction':[],'Resource':'*'", Administration.Everything)]
    [InlineData("'NotAction':'x:y','Resource':'*'", Administration.Everything)]
    [InlineData("'Action':'*','NotResource':'arn:aws:s3:::one-bucket'", Administration.Everything)]
    [InlineData("'NotAction':'s3:*','Resource':'*'", Administration.Iam)]
    [InlineData("'NotAction':['iam:*','organizations:*'],'Resource':'*'", Administration.NearlyEverything)]
    [InlineData("'Action':'iam:*','Resource':'*'", Administration.Iam)]
    [InlineData("'Action':'IAM:**','Resource':'*'", Administration.Iam)]
    [InlineData("'Action':'i*','Resource':'*'", Administration.Iam)]
    [InlineData("'Action':'iam:*','Resource':'arn:aws:iam::*:*'", Administration.Iam)]
    [InlineData("'Action':'iam:*','Resource':'arn:aws:iam::123456789012:*'", Administration.Iam)]
    [InlineData("'Action':['iam:?*','s3:Get*'],'Resource':'*'", Administration.Iam)]
    [InlineData("'Action':['iam:Create*','iam:Put*','iam:Attach*'],'Resource':'*'", Administration.None)]
    [InlineData("'Action':['iam:Get*','iam:List*'],'Resource':'*'", Administration.None)]
    [InlineData("'Action':'s3:*','Resource':'*'", Administration.None)]
    [InlineData("'Action':['s3:*','ec2:*','lambda:*','rds:*','dynamodb:*'],'Resource':'*'", Administration.None)]
    [InlineData("'Action':['*:Get*','*:List*','*:Describe*'],'Resource':'*'", Administration.None)]
    [InlineData("'Action':'*','Resource':'arn:aws:s3:::one-bucket'", Administration.None)]
    [InlineData("'Action':'*','Resource':['arn:aws:s3:::one-bucket','arn:aws:s3:::one-bucket/*']", Administration.None)]
    [InlineData("'NotAction':'iam:*','Resource':'arn:aws:s3:::one-bucket/*'", Administration.None)]
    [InlineData("'Action':'iam:*','Resource':'arn:aws:iam::123456789012:user/${aws:username}'", Administration.None)]
    [InlineData("'Action':'iam:*','Resource':'arn:aws:iam::123456789012:role/app'", Administration.None)]
    [InlineData("'Action':[],'Resource':'*'", Administration.None)]
    [InlineData("'Action':'*','Resource':[]", Administration.None)]
    [InlineData("'Action':'*','Resource':'*','Principal':'*'", Administration.None)]
    public void Administration_OneAllow_IsWhatItLetsThrough(string statement, Administration administration) =>
        Assert.Equal(administration, Policy.AskOf($"'Effect':'Allow',{statement}").Administration);

    [Fact]
    public void Administration_SplitOverLetters_IsEverything()
    {
        var letters = "abcdefghijklmnopqrstuvwxyz".Select(letter => $"'{letter}*'").ToList();

        Assert.Equal(Administration.Everything, Policy.AskOf($"'Effect':'Allow','Action':[{string.Join(',', letters)}],'Resource':'*'").Administration);
        Assert.Equal(
            Administration.Everything,
            Policy.AskOf([.. letters.Select(letter => $"'Effect':'Allow','Action':{letter},'Resource':'*'")]).Administration
        );
    }

    [Theory]
    [InlineData("'Effect':'Deny','Action':'*','Resource':'*'", Administration.None)]
    [InlineData("'Effect':'Deny','NotAction':'s3:GetObject','Resource':'*'", Administration.None)]
    [InlineData("'Effect':'Deny','Action':'*','Resource':'*','Condition':{'Bool':{'aws:SecureTransport':'true'}}", Administration.None)]
    [InlineData("'Effect':'Deny','Action':'iam:*','Resource':'*'", Administration.NearlyEverything)]
    [InlineData("'Effect':'Deny','Action':'cloudtrail:*','Resource':'*'", Administration.Iam)]
    [InlineData("'Effect':'Deny','Action':['iam:SetDefaultPolicyVersion','s3:*'],'Resource':'*'", Administration.Iam)]
    [InlineData("'Effect':'Deny','Action':'*','Resource':'arn:aws:s3:::one-bucket'", Administration.Everything)]
    [InlineData("'Effect':'Deny','Action':'*','Resource':'arn:aws:iam::999999999999:*'", Administration.Everything)]
    [InlineData("'Effect':'Deny','Action':'*','Resource':'*','Condition':{'Bool':{'aws:SecureTransport':'false'}}", Administration.Everything)]
    [InlineData("'Effect':'Deny','Action':'*','Resource':'*','Condition':{'StringNotEquals':{'aws:PrincipalOrgID':'o-1'}}", Administration.Everything)]
    [InlineData("'Effect':'Deny','Action':'*','Resource':'*','Condition':{'NotIpAddress':{'aws:SourceIp':'192.0.2.0/24'}}", Administration.Everything)]
    public void Administration_WithADeny_IsWhatRemains(string deny, Administration administration)
    {
        Assert.Equal(administration, Policy.AskOf(Everything, deny).Administration);
        Assert.Equal(administration, Policy.AskOf(deny, Everything).Administration);
    }

    [Fact]
    public void Administration_OnlyDeny_IsNone() => Assert.False(Policy.AskOf("'Effect':'Deny','Action':'*','Resource':'*'").IsAdministrative);

    [Theory]
    [InlineData("{}")]
    [InlineData("{'StringEquals':{}}")]
    [InlineData("{'StringLike':{'aws:username':'*'}}")]
    [InlineData("{'StringEquals':{'aws:username':'${aws:username}'}}")]
    [InlineData("{'stringlike':{'AWS:USERNAME':['?*','bob']}}")]
    [InlineData("{'Bool':{'aws:SecureTransport':true}}")]
    [InlineData("{'Bool':{'aws:MultiFactorAuthPresent':['true','false']}}")]
    [InlineData("{'IpAddress':{'aws:SourceIp':'0.0.0.0/0'}}")]
    [InlineData("{'IpAddress':{'aws:SourceIp':'255.255.255.255/0'}}")]
    [InlineData("{'IpAddress':{'aws:SourceIp':['0.0.0.0/1','128.0.0.0/1']}}")]
    [InlineData("{'IpAddress':{'aws:SourceIp':'::/0'}}")]
    [InlineData("{'NotIpAddress':{'aws:SourceIp':'192.0.2.7'}}")]
    [InlineData("{'DateGreaterThan':{'aws:CurrentTime':'2020-01-01T00:00:00Z'}}")]
    [InlineData("{'DateLessThan':{'aws:CurrentTime':'2099-12-31'}}")]
    [InlineData("{'NumericGreaterThan':{'aws:EpochTime':1}}")]
    [InlineData("{'DateGreaterThan':{'aws:EpochTime':'1577836800'}}")]
    [InlineData("{'StringNotEquals':{'aws:username':'nobody-at-all'}}")]
    [InlineData("{'StringEqualsIfExists':{'ec2:InstanceType':'t2.micro'}}")]
    [InlineData("{'ForAllValues:StringEquals':{'aws:TagKeys':['a']}}")]
    [InlineData("{'StringEqualsIfExists':{'aws:SourceVpce':'vpce-1'}}")]
    [InlineData("{'Null':{'aws:SourceIp':'false'}}")]
    [InlineData("{'Null':{'aws:NoSuchKey':true}}")]
    [InlineData("{'ArnLike':{'aws:PrincipalArn':'arn:*:iam::*:*'}}")]
    [InlineData("{'Bool':{'aws:ViaAWSService':'false'},'StringLike':{'aws:userid':'*'}}")]
    [InlineData("{'BoolIfExists':{'aws:MultiFactorAuthPresent':'true'}}")] // a long-term key does not have the key
    [InlineData("{'Null':{'aws:MultiFactorAuthAge':'true'}}")]
    [InlineData("{'NumericLessThanIfExists':{'aws:MultiFactorAuthAge':'3600'}}")]
    public void Condition_ThatNarrowsNothing_DoesNotHideAnAdministrator(string condition)
    {
        var answers = Policy.AskOf($"{Everything},'Condition':{condition}");

        Assert.Equal(Administration.Everything, answers.Administration);
        Assert.True(answers.WithoutCondition);
    }

    [Theory]
    [InlineData("{'Bool':{'aws:MultiFactorAuthPresent':'true'}}", false)]
    [InlineData("{'StringEquals':{'aws:MultiFactorAuthPresent':'true'}}", false)]
    [InlineData("{'Bool':{'aws:MultiFactorAuthPresent':'false'}}", true)]
    [InlineData("{'NumericLessThan':{'aws:MultiFactorAuthAge':'3600'}}", false)]
    [InlineData("{'Null':{'aws:MultiFactorAuthAge':'false'}}", false)]
    [InlineData("{'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}}", false)]
    [InlineData("{'IpAddress':{'aws:SourceIp':'0.0.0.0/2'}}", false)]
    [InlineData("{'StringEquals':{'aws:SourceVpce':'vpce-1'}}", false)]
    [InlineData("{'StringEquals':{'aws:PrincipalOrgID':'o-1'}}", false)]
    [InlineData("{'ForAnyValue:StringLike':{'aws:PrincipalOrgPaths':'o-1/r-1/*'}}", false)]
    [InlineData("{'StringEquals':{'aws:RequestedRegion':'us-east-1'}}", true)]
    [InlineData("{'StringEquals':{'aws:PrincipalTag/team':'ops'}}", true)]
    [InlineData("{'DateLessThan':{'aws:CurrentTime':'2024-08-19T00:00:00Z'}}", true)]
    [InlineData("{'DateGreaterThan':{'aws:CurrentTime':'2030-01-01T00:00:00Z'}}", true)]
    [InlineData("{'StringEquals':{'aws:username':'*'}}", true)]
    [InlineData("{'NoSuchOperator':{'aws:username':'*'}}", true)]
    public void Condition_ThatNarrows_IsNoGrantOfAdministration(string condition, bool withoutCondition)
    {
        var answers = Policy.AskOf($"{Everything},'Condition':{condition}");

        Assert.Equal(Administration.None, answers.Administration);
        Assert.Equal(Administration.Everything, answers.ConditionalAdministration);
        Assert.True(answers.Paths.All(path => path.IsConditioned));
        Assert.Equal(withoutCondition, answers.WithoutCondition);
    }

    [Theory]
    [InlineData("{'StringEquals':{'aws:PrincipalAccount':'111122223333'}}", PrincipalKind.Unknown, true)]
    [InlineData("{'StringEquals':{'aws:PrincipalAccount':['111122223333','444455556666']}}", PrincipalKind.User, true)]
    [InlineData("{'StringEquals':{'aws:PrincipalAccount':'444455556666'}}", PrincipalKind.User, false)]
    [InlineData("{'StringNotEquals':{'aws:PrincipalAccount':'111122223333'}}", PrincipalKind.User, false)]
    [InlineData("{'StringEquals':{'aws:ResourceAccount':'111122223333'}}", PrincipalKind.Role, true)]
    [InlineData("{'StringEquals':{'aws:ResourceAccount':'${aws:PrincipalAccount}'}}", PrincipalKind.Unknown, true)]
    [InlineData("{'StringEqualsIfExists':{'aws:ResourceAccount':'444455556666'}}", PrincipalKind.Role, false)]
    [InlineData("{'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::111122223333:*'}}", PrincipalKind.Unknown, true)]
    [InlineData("{'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::${aws:PrincipalAccount}:*'}}", PrincipalKind.Unknown, true)]
    [InlineData("{'ArnLike':{'aws:PrincipalArn':'arn:aws-us-gov:iam::111122223333:*'}}", PrincipalKind.Unknown, true)]
    [InlineData("{'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/*'}}", PrincipalKind.Unknown, false)]
    [InlineData("{'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/*'}}", PrincipalKind.Role, true)]
    [InlineData("{'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/*'}}", PrincipalKind.User, false)]
    [InlineData("{'ArnEquals':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/relay'}}", PrincipalKind.Role, true)]
    [InlineData("{'ArnEquals':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/other'}}", PrincipalKind.Role, false)]
    [InlineData("{'ArnNotEquals':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/relay'}}", PrincipalKind.Role, false)]
    [InlineData("{'StringEquals':{'aws:username':'relay'}}", PrincipalKind.User, true)]
    [InlineData("{'StringEquals':{'aws:username':'other'}}", PrincipalKind.User, false)]
    [InlineData("{'StringEquals':{'aws:username':'relay'}}", PrincipalKind.Role, false)]
    [InlineData("{'BoolIfExists':{'aws:MultiFactorAuthPresent':'true'}}", PrincipalKind.User, true)]
    [InlineData("{'BoolIfExists':{'aws:MultiFactorAuthPresent':'true'}}", PrincipalKind.Role, false)] // a role's session always has the key
    [InlineData("{'Bool':{'aws:MultiFactorAuthPresent':'true'}}", PrincipalKind.User, false)]
    public void Condition_OnWhatTheHolderIsAnyway_NarrowsNothing(string condition, PrincipalKind kind, bool isAdministrative)
    {
        var holder = new PolicyHolder("111122223333", kind, kind == PrincipalKind.Unknown ? null : "relay");

        Assert.Equal(isAdministrative, Policy.Ask(Policy.Of($"{Everything},'Condition':{condition}"), holder).IsAdministrative);
    }

    [Fact]
    public void Condition_OnAnAccount_NarrowsWhereTheHoldersIsNotKnown()
    {
        var policy = Policy.Of($"{Everything},'Condition':{{'StringEquals':{{'aws:PrincipalAccount':'111122223333'}}}}");

        Assert.False(Policy.Ask(policy, new PolicyHolder(null, PrincipalKind.Role)).IsAdministrative);
        Assert.False(Policy.Ask(policy).IsAdministrative);
    }

    [Theory]
    [InlineData("{'StringEquals':{'aws:PrincipalAccount':'111122223333'}}")]
    [InlineData("{'ArnEquals':{'aws:PrincipalArn':'arn:aws:iam::111122223333:user/relay'}}")]
    [InlineData("{'BoolIfExists':{'aws:MultiFactorAuthPresent':'false'}}")]
    [InlineData("{'BoolIfExists':{'aws:MultiFactorAuthPresent':'true'}}")]
    [InlineData("{'Null':{'aws:MultiFactorAuthAge':'true'}}")]
    [InlineData("{'StringNotEquals':{'aws:ResourceAccount':'${aws:PrincipalAccount}'}}")]
    public void Administration_DenyUnderAConditionOnTheHolder_StaysAsForAnybody(string condition)
    {
        var holder = new PolicyHolder("111122223333", PrincipalKind.User, "relay");
        var policy = Policy.Of(Everything, $"'Effect':'Deny','Action':'*','Resource':'*','Condition':{condition}");

        Assert.Equal(Policy.Ask(policy).ToJson(), Policy.Ask(policy, holder).ToJson());
        Assert.True(Policy.Ask(policy, holder).IsAdministrative);
    }

    [Theory]
    [InlineData("'NotAction':'iam:ChangePassword','Condition':{'BoolIfExists':{'aws:MultiFactorAuthPresent':'false'}}", false)]
    [InlineData("'Action':'*','Condition':{'Bool':{'aws:MultiFactorAuthPresent':'false'}}", true)] // long-term keys do not have the key
    [InlineData("'Action':'*','Condition':{'Null':{'aws:MultiFactorAuthAge':'true'}}", false)]
    [InlineData("'Action':'*','Condition':{'NotIpAddress':{'aws:SourceIp':'192.0.2.0/24'},'Bool':{'aws:ViaAWSService':'false'}}", false)]
    [InlineData("'Action':'*','Condition':{'NotIpAddress':{'aws:SourceIp':'0.0.0.0/0'}}", true)]
    [InlineData("'Action':'*','Condition':{'StringNotEquals':{'aws:PrincipalOrgID':'o-1'}}", false)]
    [InlineData(
        "'Action':'*','Condition':{'StringNotEquals':{'aws:PrincipalOrgID':'o-1','aws:username':'x'},'Bool':{'aws:MultiFactorAuthPresent':'true'}}",
        true
    )]
    [InlineData("'Action':'s3:*','Condition':{'BoolIfExists':{'aws:MultiFactorAuthPresent':'false'}}", true)]
    [InlineData(
        "'Action':'*','Condition':{'StringNotEquals':{'aws:PrincipalOrgID':'o-1'},'BoolIfExists':{'aws:MultiFactorAuthPresent':'true'}}",
        true // a session without MFA escapes it
    )]
    public void WithoutCondition_DenyThatGuards_Counts(string deny, bool withoutCondition)
    {
        var answers = Policy.AskOf(Everything, $"'Effect':'Deny','Resource':'*',{deny}");

        Assert.Equal(Administration.Everything, answers.Administration);
        Assert.Equal(withoutCondition, answers.WithoutCondition);
    }

    [Theory]
    [InlineData("'Action':'iam:CreatePolicyVersion','Resource':'*'", "iam:CreatePolicyVersion")]
    [InlineData("'Action':'iam:CreatePolicyVersion','Resource':'arn:aws-us-gov:iam::123456789012:policy/*'", "iam:CreatePolicyVersion")]
    [InlineData("'Action':'iam:*DefaultPolicyVersion','Resource':'*'", "iam:SetDefaultPolicyVersion")]
    [InlineData("'Action':'iam:AttachUserPolicy','Resource':'arn:aws:iam::*:user/${aws:username}'", "iam:AttachUserPolicy")]
    [InlineData("'Action':['iam:AttachRolePolicy','iam:AttachGroupPolicy'],'Resource':'*'", "iam:AttachGroupPolicy iam:AttachRolePolicy")]
    [InlineData("'Action':'iam:Put?serPolicy','Resource':'*'", "iam:PutUserPolicy")]
    [InlineData("'Action':'iam:AddUserToGroup','Resource':'*'", "iam:AddUserToGroup")]
    [InlineData("'Action':'iam:UpdateAssumeRolePolicy','Resource':'*'", "iam:UpdateAssumeRolePolicy")]
    [InlineData("'Action':'iam:CreateAccessKey','Resource':'*'", "iam:CreateAccessKey")]
    [InlineData("'Action':['iam:CreateAccessKey','iam:UpdateLoginProfile'],'Resource':'arn:aws:iam::*:user/${aws:username}'", "")]
    [InlineData("'Action':['iam:PassRole','lambda:CreateFunction'],'Resource':'*'", "iam:PassRole+lambda:CreateFunction")]
    [InlineData("'Action':['iam:PassRole','ec2:RunInstances'],'Resource':'*'", "iam:PassRole+ec2:RunInstances")]
    [InlineData("'Action':['iam:PassRole','ec2:RequestSpot*'],'Resource':'*'", "iam:PassRole+ec2:RequestSpotInstances iam:PassRole+ec2:RequestSpotFleet")]
    [InlineData("'Action':'iam:PassRole','Resource':'*'", "")]
    [InlineData("'Action':['ec2:RunInstances','lambda:CreateFunction'],'Resource':'*'", "")]
    [InlineData("'Action':['iam:PassRole','ec2:RunInstances'],'Resource':'arn:aws:iam::1:role/app'", "")]
    [InlineData("'Action':['sso:CreateAccountAssignment'],'Resource':'*'", "sso:CreateAccountAssignment")]
    [InlineData("'Action':['lambda:UpdateFunctionCode','sts:AssumeRole'],'Resource':'*'", "(lambda:UpdateFunctionCode) (sts:AssumeRole)")]
    [InlineData("'Action':'sts:AssumeRole','Resource':'arn:aws:iam::123456789012:role/deploy'", "")]
    [InlineData("'Action':'iam:CreatePolicyVersion','Resource':'arn:aws:s3:::one-bucket'", "")]
    [InlineData("'Action':['s3:*','dynamodb:*','sqs:*','logs:*'],'Resource':'*'", "")]
    public void Paths_OfOneAllow_AreThoseItOpens(string statement, string paths) => Assert.Equal(paths, PathsOf($"'Effect':'Allow',{statement}"));

    [Fact]
    public void Paths_StepsInSeveralStatements_AreJoined() =>
        Assert.Equal(
            "iam:PassRole+lambda:CreateFunction",
            PathsOf("'Effect':'Allow','Action':'iam:PassRole','Resource':'*'", "'Effect':'Allow','Action':'lambda:CreateFunction','Resource':'*'")
        );

    [Fact]
    public void Paths_Denied_AreClosed() =>
        Assert.Equal("", PathsOf("'Effect':'Allow','Action':'iam:AttachUserPolicy','Resource':'*'", "'Effect':'Deny','Action':'iam:Attach*','Resource':'*'"));

    [Fact]
    public void Paths_RolePassedToAnotherService_AreClosed()
    {
        string PassTo(string service) =>
            $"'Effect':'Allow','Action':'iam:PassRole','Resource':'*','Condition':{{'StringEquals':{{'iam:PassedToService':'{service}'}}}}";
        const string Create = "'Effect':'Allow','Action':['lambda:CreateFunction','ec2:RunInstances'],'Resource':'*'";

        Assert.Equal("iam:PassRole+lambda:CreateFunction?", PathsOf(PassTo("lambda.amazonaws.com"), Create));
        Assert.Equal("iam:PassRole+ec2:RunInstances?", PathsOf(PassTo("ec2.amazonaws.com"), Create));
        Assert.Equal("", PathsOf(PassTo("events.amazonaws.com"), Create));
    }

    [Theory]
    [InlineData("123456789012", Administration.Iam)]
    [InlineData("210987654321", Administration.None)]
    public void Administration_AccountKnown_CountsOnlyThatAccount(string account, Administration administration) =>
        Assert.Equal(
            administration,
            Policy.Ask(Policy.Of("'Effect':'Allow','Action':'iam:*','Resource':'arn:aws:iam::123456789012:*'"), new PolicyHolder(account)).Administration
        );

    [Theory]
    [InlineData("PowerUserAccess", "iam:PassRole+lambda:CreateFunction")]
    [InlineData("PowerUserAccess", "iam:PassRole+cloudformation:CreateStack")]
    [InlineData("AWSLambda_FullAccess", "iam:PassRole+lambda:CreateFunction")]
    [InlineData("AmazonEC2FullAccess", "iam:PassRole+ec2:RunInstances")]
    [InlineData("AmazonSSMFullAccess", "iam:PassRole+ssm:StartAutomationExecution")]
    public void With_ManagedPolicyThatLacksOnlyPassRole_OpensThePath(string name, string path)
    {
        var managed = ManagedPolicies.Answer($"arn:aws:iam::aws:policy/{name}")!;
        var passRole = Policy.AskOf("'Effect':'Allow','Action':'iam:PassRole','Resource':'*'");

        Assert.False(managed.Escalates);
        Assert.False(passRole.Escalates);
        Assert.Contains(new EscalationPath(path, IsDirect: true), managed.With(passRole).Paths);
    }

    [Fact]
    public void Union_OfDocuments_LetsOneDenyTheOther()
    {
        var allow = Policy.Read(Policy.Of(Everything));
        var deny = Policy.Read(Policy.Of("'Effect':'Deny','Action':'*','Resource':'*'"));

        Assert.False(PolicyAnswers.Of(PolicyDocument.Union([allow, deny]), Policy.At).IsAdministrative);
        Assert.Equal(PolicyFault.NotJson, PolicyDocument.Union([allow, Policy.Read("x")]).Fault);
    }

    [Fact]
    public void With_StepsOfTwoPolicies_OpensTheirPath()
    {
        var pass = Policy.AskOf("'Effect':'Allow','Action':'iam:PassRole','Resource':'*'");
        var create = Policy.AskOf("'Effect':'Allow','Action':'lambda:CreateFunction','Resource':'*'");

        var both = pass.With(create);

        Assert.False(pass.Escalates || create.Escalates);
        Assert.Equal(["iam:PassRole+lambda:CreateFunction"], both.Paths.Select(path => path.Name));
        Assert.True(both.Escalates && both.WithoutCondition);
        Assert.Equal(Administration.Everything, both.With(Policy.AskOf(Everything)).Administration);
    }

    [Fact]
    public void Json_RoundTrip_KeepsEverything()
    {
        var answers = Policy.AskOf("'Effect':'Allow','Action':['iam:PassRole','iam:CreateAccessKey','ec2:*'],'Resource':'*'");

        var again = PolicyAnswers.FromJson(answers.ToJson());

        Assert.NotNull(again);
        Assert.Equal(answers.ToJson(), again.ToJson());
        Assert.Equal(answers.Paths, again.Paths);
        Assert.Equal(PolicyFault.TooDeep, PolicyAnswers.FromJson(new PolicyAnswers { Fault = PolicyFault.TooDeep }.ToJson())!.Fault);
        Assert.Null(PolicyAnswers.FromJson("[1"u8));
    }

    [Theory]
    [InlineData("arn:aws:iam::aws:policy/AdministratorAccess", Administration.Everything)]
    [InlineData("arn:aws-us-gov:iam::aws:policy/AdministratorAccess", Administration.Everything)]
    [InlineData("arn:aws-cn:iam::aws:policy/IAMFullAccess", Administration.Iam)]
    [InlineData("arn:aws:iam::aws:policy/PowerUserAccess", Administration.None)]
    [InlineData("arn:aws:iam::aws:policy/AdministratorAccess-Amplify", Administration.None)]
    [InlineData("arn:aws:iam::aws:policy/AdministratorAccess-AWSElasticBeanstalk", Administration.None)]
    [InlineData("arn:aws:iam::aws:policy/job-function/SystemAdministrator", Administration.None)]
    [InlineData("arn:aws:iam::123456789012:policy/AdministratorAccess", null)]
    [InlineData("arn:aws:iam::aws:policy/service-role/AdministratorAccess", null)]
    [InlineData("arn:evil:iam::aws:policy/AdministratorAccess", null)]
    [InlineData("arn::iam::aws:policy/AdministratorAccess", null)]
    [InlineData("arn:iam::aws:policy/AdministratorAccess", null)]
    [InlineData("arn:aws:iam::1:policy/x:iam::aws:policy/AdministratorAccess", null)]
    [InlineData("arn:aws:iam::aws:policy/", null)]
    [InlineData("aws:iam::aws:policy/AdministratorAccess", null)]
    [InlineData("AdministratorAccess", null)]
    [InlineData("", null)]
    public void ManagedPolicy_ByExactArn_IsKnown(string arn, Administration? administration) =>
        Assert.Equal(administration, ManagedPolicies.Answer(arn)?.Administration);

    /// <summary>Names in order; what is not direct in brackets, what has a condition with a question mark.</summary>
    private static string PathsOf(params string[] statements) =>
        string.Join(' ', Policy.AskOf(statements).Paths.Select(path => (path.IsDirect ? path.Name : $"({path.Name})") + (path.IsConditioned ? "?" : "")));
}
