using System.Text;
using Detector.Core.Rules.Fields;

namespace Detector.Tests.Rules.Fields;

/// <summary>What derived fields say of single records.</summary>
public sealed class DerivedFieldTests
{
    [Theory]
    [InlineData("""{}""", "success")]
    [InlineData("""{"errorCode":null,"errorMessage":null}""", "success")]
    [InlineData("""{"errorCode":"AccessDenied"}""", "attempt")]
    [InlineData("""{"errorMessage":"no"}""", "attempt")]
    [InlineData("""{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Success"}}""", "success")]
    [InlineData("""{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"}}""", "attempt")]
    [InlineData("""{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","errorMessage":"Failed authentication"}""", "attempt")]
    public void Outcome_OfCallsAndSignIns_IsSuccessOrAttempt(string record, string expected) => Assert.Equal(expected, Of("detector.outcome", record));

    [Theory]
    [InlineData("""{"userIdentity":{"type":"IAMUser","accessKeyId":"AKIAEXAMPLE"}}""", "no")]
    [InlineData("""{"userIdentity":{"type":"IAMUser","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}}}""", "yes")]
    [InlineData("""{"userIdentity":{"type":"IAMUser","sessionContext":{"attributes":{"mfaAuthenticated":"False"}}}}""", "no")]
    [InlineData("""{"userIdentity":{"type":"AssumedRole","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}}""", "no")]
    [InlineData(
        """{"userIdentity":{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/x"},"attributes":{"mfaAuthenticated":"false"}}}}""",
        "unknown"
    )]
    [InlineData(
        """{"userIdentity":{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::1:role/x/aws-reserved/sso.amazonaws.com/x"},"attributes":{"mfaAuthenticated":"false"}}}}""",
        "no"
    )]
    [InlineData("""{"userIdentity":{"type":"AssumedRole","sessionContext":{"webIdFederationData":{"federatedProvider":"p"}}}}""", "unknown")]
    [InlineData("""{"userIdentity":{"type":"SAMLUser"}}""", "unknown")]
    [InlineData("""{"userIdentity":{"type":"IAMUser"},"additionalEventData":{"MFAUsed":"Yes"}}""", "yes")]
    [InlineData("""{"userIdentity":{"type":"IAMUser"},"additionalEventData":{"MFAUsed":"No"}}""", "no")]
    [InlineData("""{"userIdentity":{"type":"AssumedRole"},"additionalEventData":{"MFAUsed":"No"}}""", "unknown")]
    [InlineData("""{"userIdentity":{"type":"IAMUser"},"additionalEventData":{"MFAUsed":"No","SamlProviderArn":"arn:aws:iam::1:saml-provider/p"}}""", "unknown")]
    [InlineData("""{"userIdentity":{"type":"AWSService"}}""", null)]
    public void Mfa_ByKindOfCaller_HasThreeStates(string record, string? expected) => Assert.Equal(expected, Of("detector.mfa", record));

    [Theory]
    [InlineData("""{"userIdentity":{"type":"Root"}}""", "true")]
    [InlineData("""{"userIdentity":{"type":"Root","invokedBy":"signin.amazonaws.com"}}""", "true")]
    [InlineData("""{"userIdentity":{"type":"Root","invokedBy":"support.amazonaws.com"}}""", "false")]
    [InlineData("""{"userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root"},"eventType":"AwsServiceEvent"}""", "false")]
    [InlineData("""{"userIdentity":{"type":"Root","sessionContext":{"assumedRoot":"true"}}}""", "false")]
    [InlineData("""{"userIdentity":{"type":"IAMUser","userName":"Root"}}""", "false")]
    public void Root_OnlySomebodyBehindIt_IsTrue(string record, string expected) => Assert.Equal(expected, Of("detector.root", record));

    [Theory]
    [InlineData("""{"userIdentity":{"type":"IAMUser","userName":"ann"}}""", "true")]
    [InlineData("""{"userIdentity":{"type":"IAMUser","userName":"ann"},"requestParameters":{"userName":"Ann"}}""", "true")]
    [InlineData("""{"userIdentity":{"type":"IAMUser","userName":"ann"},"requestParameters":{"userName":"bob"}}""", "false")]
    [InlineData("""{"userIdentity":{"type":"AssumedRole","userName":"ann"},"requestParameters":{"userName":"ann"}}""", "false")]
    [InlineData("""{"userIdentity":{"type":"Root"}}""", "true")]
    [InlineData("""{"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/team/ann"},"requestParameters":{"userName":"ann"}}""", "true")]
    [InlineData("""{"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/bob/ann"},"requestParameters":{"userName":"bob"}}""", "false")]
    [InlineData("""{"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/x/ann"},"requestParameters":{"userName":"ann"}}""", "false")]
    public void Self_OfCreateAccessKey_IsWhetherTheCallerIsNamed(string record, string expected) =>
        Assert.Equal(expected, Of("detector.self", record[..^1] + ""","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey"}"""));

    [Theory]
    [InlineData("aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1", "aws-cli")]
    [InlineData("Boto3/1.40.1 md/Botocore#1.40.1", "boto3")]
    [InlineData("[S3Console/0.4, aws-internal/3]", "s3console")]
    [InlineData("APN/1.0 HashiCorp/1.0 Terraform/1.13.1 (+https://www.terraform.io)", "terraform")]
    [InlineData("console.amazonaws.com", "console.amazonaws.com")]
    [InlineData("/ 1.0", null)]
    [InlineData("", null)]
    public void Program_OfUserAgents_IsTheFirstProduct(string agent, string? expected) =>
        Assert.Equal(expected, Of("detector.program", $$"""{"userAgent":"{{agent}}"}"""));

    [Theory]
    [InlineData("""{"userIdentity":{"accountId":"111122223333"}}""", "false")]
    [InlineData("""{"userIdentity":{"arn":"arn:aws:iam::111122223333:user/ann"}}""", "false")]
    [InlineData("""{"recipientAccountId":"444455556666"}""", "true")]
    public void TrustOutside_AccountNamedAnywhere_IsHeldAgainstIt(string record, string expected) =>
        Assert.Equal(
            expected == "true" ? "111122223333" : null,
            Of(
                "detector.trust.outside",
                record[..^1]
                    + """
                    ,"eventSource":"iam.amazonaws.com","eventName":"UpdateAssumeRolePolicy","requestParameters":{"policyDocument":{"Statement":{"Effect":"Allow",
                    "Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}}}
                    """
            )
        );

    [Theory]
    [InlineData("""{"fromPort":22,"toPort":22,"ipProtocol":"tcp","cidrIp":"0.0.0.0/0"}""", "22")]
    [InlineData("""{"fromPort":"22","toPort":"23","ipProtocol":"TCP","cidrIp":"0.0.0.0/0"}""", "22, 23")]
    [InlineData(
        """{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":20,"toPort":22,"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"},{"cidrIp":"1.2.3.4/0"}]}}]}}""",
        "20, 21, 22"
    )]
    [InlineData("""{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipv6Ranges":{"items":[{"cidrIpv6":"::/0"}]}}]}}""", "22")]
    [InlineData("""{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipv6Ranges":{"items":[{"cidrIpv6":"2000::/3"}]}}]}}""", "22")]
    [InlineData("""{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipv6Ranges":{"items":[{"cidrIpv6":"2000::/4"}]}}]}}""", "")]
    [InlineData(
        """
            {"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":20,"toPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/2"},{"cidrIp":"64.0.0.0/2"}]}},
            {"ipProtocol":"tcp","fromPort":22,"toPort":23,"ipRanges":{"items":[{"cidrIp":"128.0.0.0/2"},{"cidrIp":"192.0.0.0/2"}]}}]}}
            """,
        "22"
    )]
    [InlineData(
        """{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/1"},{"cidrIp":"128.0.0.0/1"}]}}]}}""",
        "22"
    )]
    [InlineData(
        """{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/2"},{"cidrIp":"64.0.0.0/2"},{"cidrIp":"128.0.0.0/2"},{"cidrIp":"192.0.0.0/2"}]}}]}}""",
        "22"
    )]
    [InlineData(
        """{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/2"},{"cidrIp":"128.0.0.0/2"}]}}]}}""",
        ""
    )]
    [InlineData("""{"fromPort":22,"toPort":22,"ipProtocol":"udp","cidrIp":"0.0.0.0/0"}""", "")]
    [InlineData("""{"fromPort":22,"toPort":22,"ipProtocol":"tcp","cidrIp":"10.0.0.0/8"}""", "")]
    [InlineData("""{"fromPort":8080,"toPort":8090,"ipProtocol":"tcp","cidrIp":"0.0.0.0/0"}""", "")]
    [InlineData("""{"fromPort":3,"toPort":-1,"ipProtocol":"icmp","cidrIp":"0.0.0.0/0"}""", "")]
    [InlineData("""{"ipPermissions":"odd","fromPort":{},"cidrIp":7}""", "")]
    public void WorldPorts_InAnyShape_AreThoseOpenedToAll(string request, string expected) =>
        Assert.Equal(expected, Of("detector.ingress.worldPorts", Ec2("AuthorizeSecurityGroupIngress", request)) ?? "");

    [Fact]
    public void WorldPorts_EveryProtocol_AreAll() =>
        Assert.Contains("3389", Of("detector.ingress.worldPorts", Ec2("AuthorizeSecurityGroupIngress", """{"ipProtocol":"-1","cidrIp":"0.0.0.0/0"}""")));

    [Fact]
    public void WorldPorts_OfAChangedRule_AreFound() =>
        Assert.Equal(
            "22",
            Of(
                "detector.ingress.worldPorts",
                Ec2(
                    "ModifySecurityGroupRules",
                    """{"ModifySecurityGroupRulesRequest":{"GroupId":"sg-1","SecurityGroupRule":{"SecurityGroupRuleId":"sgr-1","tag":1,"SecurityGroupRule":{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIpv4":"0.0.0.0/0"}}}}"""
                )
            )
        );

    [Theory]
    [InlineData("""{"eventSelectors":[{"readWriteType":"All","includeManagementEvents":true,"excludeManagementEventSources":[]}]}""", null)]
    [InlineData("""{"eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":false}]}""", "management")]
    [InlineData("""{"eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":true}]}""", "writes")]
    [InlineData("""{"eventSelectors":[{"readWriteType":"ReadOnly"},{"readWriteType":"WriteOnly"}]}""", null)]
    [InlineData("""{"eventSelectors":[{"excludeManagementEventSources":["kms.amazonaws.com"]}]}""", "kms.amazonaws.com")]
    [InlineData("""{"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]}]}]}""", null)]
    [InlineData("""{"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]}]}]}""", "management")]
    [InlineData(
        """{"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]},{"field":"readOnly","equals":["true"]}]}]}""",
        "writes"
    )]
    [InlineData(
        """{"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]},{"field":"eventSource","notEquals":["kms.amazonaws.com"]}]}]}""",
        "kms.amazonaws.com"
    )]
    public void Excluded_BySelectors_IsWhatTheTrailLoses(string request, string? expected) =>
        Assert.Equal(
            expected,
            Of(
                "detector.selectors.excluded",
                $$"""{"eventSource":"cloudtrail.amazonaws.com","eventName":"PutEventSelectors","requestParameters":{{request}}}"""
            )
        );

    [Theory]
    [InlineData("""{"Rule":{"Status":"Enabled","Expiration":{"Days":1}}}""", "1")]
    [InlineData("""{"Rule":{"Status":"Enabled","Expiration":{"Days":"30"}}}""", "30")]
    [InlineData("""{"Rule":[{"Status":"Enabled","Expiration":{"Days":400}},{"Status":"Enabled","Expiration":{"Days":7}}]}""", "7")]
    [InlineData("""{"Rule":{"Status":"Enabled","Expiration":{"Date":"2026-12-01T00:00:00Z"}}}""", "0")]
    [InlineData("""{"Rule":{"Status":"Disabled","Expiration":{"Days":1}}}""", null)]
    [InlineData("""{"Rule":{"Status":"Enabled","Transition":{"Days":1}}}""", null)]
    [InlineData("""{"Rule":{"Status":"Enabled","NoncurrentVersionExpiration":{"NoncurrentDays":1}}}""", null)]
    [InlineData("""{"Rule":"odd"}""", null)]
    [InlineData("null", null)]
    public void ExpiryDays_OfALifecycle_IsTheLeastOfItsEnabledRules(string lifecycle, string? expected) =>
        Assert.Equal(
            expected,
            Of(
                "detector.bucket.expiryDays",
                $$$"""{"eventSource":"s3.amazonaws.com","eventName":"PutBucketLifecycle","requestParameters":{"bucketName":"b","LifecycleConfiguration":{{{lifecycle}}}}}"""
            )
        );

    [Fact]
    public void Match_RecordWithAFieldOfOurName_IsNotBelieved()
    {
        const string rule = """
            title: t
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {detector.outcome: attempt}, condition: s}
            """;
        var rules = Matching.Load([("r.yml", rule)]);

        Assert.Empty(Matching.Run(rules, """{"eventName":"A","detector":{"outcome":"attempt"},"detector.outcome":"attempt"}""").Single());
        Assert.Single(Matching.Run(rules, """{"eventName":"A","errorCode":"x"}""").Single());
    }

    [Fact]
    public void Read_RuleWithAnUnknownDerivedField_IsRefusedWithTheNearest()
    {
        var file = Core.Rules.Sigma.SigmaReader.Read(
            "r.yml",
            """
            title: t
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {detector.outcom: attempt}, condition: s}
            """
        );

        Assert.Contains("detector.outcome", Assert.Single(file.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_OfEveryFieldOnOddRecords_NeverThrow()
    {
        string[] odd =
        [
            "{}",
            """{"userIdentity":null,"requestParameters":"x","eventName":7}""",
            """{"userIdentity":[],"requestParameters":[1],"responseElements":[{}]}""",
            "{\"eventName\":\"\\ud800\"}",
        ];
        foreach (var field in DerivedFields.All)
        foreach (var record in odd)
        foreach (var name in (string[])["PutBucketLifecycle", "PutEventSelectors", "AuthorizeSecurityGroupIngress", "CreateAccessKey"])
            _ = Of(field.Name, record.Replace("{}", $$"""{"eventName":"{{name}}"}""", StringComparison.Ordinal));
    }

    [Fact]
    public void Values_NameOfAnotherMemberIsNoText_AreAsWithoutIt()
    {
        const string Read =
            """{"eventName":"PutUserPolicy","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root"},"userIdentit\ud800":{"type":"x"}}""";

        Assert.Equal(Of("detector.actor", Read.Replace("\\ud800", "", StringComparison.Ordinal)), Of("detector.actor", Read));
        Assert.NotNull(Of("detector.actor", Read));
    }

    private static string Ec2(string name, string request) =>
        $$"""{"eventSource":"ec2.amazonaws.com","eventName":"{{name}}","requestParameters":{{request}}}""";

    private static string? Of(string field, string record)
    {
        var view = new FieldReader([field]).Read(Encoding.UTF8.GetBytes(record));
        var values = new List<string>();
        for (var value = view.First(0); value >= 0; value = view.Fields[value].Next)
        {
            Assert.True(view.TryText(value, out var text));
            values.Add(Encoding.UTF8.GetString(text));
        }
        return values.Count == 0 ? null : string.Join(", ", values);
    }
}
