using Detector.App;
using Detector.App.Lints;

namespace Detector.Tests.App.Lints;

/// <summary>Each lint on a rule with the mistake, and on one without.</summary>
public sealed class LinterTests : IDisposable
{
    private const string Call = "eventSource: iam.amazonaws.com, eventName: CreateUser";

    private readonly string _folder = Directory.CreateTempSubdirectory("lints-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("never-fires/unknown-event", "error", "s: {eventSource: iam.amazonaws.com, eventName: CreateUsr}\n  condition: s")]
    [InlineData(
        "never-fires/unknown-event",
        "warning",
        "s: {eventSource: s3.amazonaws.com, eventName: [PutLifecycleConfiguration, DeleteBucket]}\n  condition: s"
    )]
    [InlineData("never-fires/unknown-event", "warning", "s: {eventSource: iam.amazonaws.com}\n  f: {eventName: CreateUsr}\n  condition: s and not f")]
    [InlineData("never-fires/unknown-event", "note", "s: {eventSource: sso.amazonaws.com, eventName: DoWhatNobodyKnows}\n  condition: s")]
    [InlineData("never-fires/unknown-event", "note", "s: {eventName: DoWhatNobodyKnows}\n  condition: s")]
    [InlineData("never-fires/unknown-event", "error", "s: {eventSource: kms.amazonaws.com, 'eventName|startswith': Frobnicate}\n  condition: s")]
    [InlineData("never-fires/event-of-another-source", "error", "s: {eventSource: ec2.amazonaws.com, eventName: CreateAccessKey}\n  condition: s")]
    [InlineData("never-fires/unknown-source", "error", "s: {eventSource: iam, eventName: CreateUser}\n  condition: s")]
    [InlineData("never-fires/unknown-source", "error", "s: {eventSource: efs.amazonaws.com}\n  condition: s")]
    [InlineData("never-fires/unknown-source", "note", "s: {eventSource: brandnew.amazonaws.com}\n  condition: s")]
    [InlineData("never-fires/unknown-field", "error", "s: {" + Call + ", status: success}\n  condition: s")]
    [InlineData("never-fires/unknown-field", "error", "s: {" + Call + ", userIdentity.sessionIssuer.userName: x}\n  condition: s")]
    [InlineData("never-fires/unknown-field", "error", "s: {detail.eventName: CreateUser}\n  condition: s")]
    [InlineData("never-fires/unknown-field", "warning", "s: {" + Call + "}\n  f: {user: x}\n  condition: s and not f")]
    [InlineData("never-fires/impossible-value", "error", "s: {" + Call + ", userIdentity.type: User}\n  condition: s")]
    [InlineData("never-fires/impossible-value", "warning", "s: {" + Call + "}\n  f: {userIdentity.arn: admin}\n  condition: s and not f")]
    [InlineData("never-fires/impossible-value", "error", "s: {" + Call + ", 'userIdentity.arn|startswith': 'user/'}\n  condition: s")]
    [InlineData("never-fires/impossible-value", "error", "s: {" + Call + ", eventType: AwsApiCal}\n  condition: s")]
    [InlineData("never-fires/impossible-value", "error", "s: {" + Call + ", detector.mfa: 'false'}\n  condition: s")]
    [InlineData("never-fires/success-code", "error", "s: {" + Call + ", errorCode: ''}\n  condition: s")]
    [InlineData("never-fires/success-code", "warning", "s: {" + Call + "}\n  a: {errorCode: Success}\n  b: {errorCode: null}\n  condition: s and (a or b)")]
    [InlineData(
        "never-fires/field-as-value",
        "warning",
        "s: {" + Call + "}\n  f: {'userIdentity.arn|contains': requestParameters.userName}\n  condition: s and not f"
    )]
    [InlineData(
        "never-fires/different-kinds",
        "warning",
        "s: {" + Call + "}\n  f: {'userIdentity.arn|fieldref': requestParameters.userName}\n  condition: s and not f"
    )]
    [InlineData("never-fires/contradiction", "error", "s: {" + Call + "}\n  t: {eventName: DeleteUser}\n  condition: s and t")]
    [InlineData("never-fires/contradiction", "error", "s: {" + Call + "}\n  f: {eventName: [CreateUser, DeleteUser]}\n  condition: s and not f")]
    [InlineData(
        "never-fires/contradiction",
        "warning",
        "s: {" + Call + "}\n  t: {awsRegion: us-east-1}\n  u: {awsRegion: eu-west-1}\n  condition: s or (t and u)"
    )]
    [InlineData("never-fires/always-false", "error", "s: {" + Call + "}\n  condition: 1 of search_*")]
    [InlineData("never-fires/always-false", "error", "s: {" + Call + "}\n  condition: s and 1 of search_*")]
    [InlineData("never-fires/always-false", "error", "s: {eventSource: iam.amazonaws.com, eventName: null}\n  condition: s")]
    [InlineData("misses/versioned-event", "warning", "s: {eventSource: lambda.amazonaws.com, eventName: CreateFunction}\n  condition: s")]
    [InlineData(
        "misses/other-shape",
        "warning",
        "s: {eventSource: ec2.amazonaws.com, eventName: ModifyInstanceAttribute, requestParameters.attribute: userData}\n  condition: s"
    )]
    [InlineData("misses/parameter-case", "warning", "s: {" + Call + ", requestParameters.UserName: x}\n  condition: s")]
    [InlineData("misses/mfa-absent", "warning", "s: {" + Call + ", userIdentity.sessionContext.attributes.mfaAuthenticated: 'false'}\n  condition: s")]
    [InlineData(
        "noise/mfa-federated",
        "warning",
        "s: {eventSource: signin.amazonaws.com, eventName: ConsoleLogin, additionalEventData.MFAUsed: 'No'}\n  condition: s"
    )]
    [InlineData("noise/always-true", "warning", "s: {" + Call + ", 'eventID|exists': true}\n  condition: s")]
    [InlineData("noise/always-true", "warning", "s: {eventTime: '*'}\n  condition: s")]
    [InlineData("evasion/exclusion", "warning", "s: {" + Call + "}\n  f: {'userAgent|contains': terraform}\n  condition: s and not f")]
    [InlineData("evasion/exclusion", "warning", "s: {" + Call + "}\n  f: {'userIdentity.arn|endswith': /deployer}\n  condition: s and not f")]
    [InlineData(
        "evasion/exclusion",
        "warning",
        "s: {" + Call + "}\n  f:\n    - sourceIPAddress: 192.0.2.1\n    - 'userIdentity.principalId|contains': ':deploy'\n  condition: s and not f"
    )]
    [InlineData("evasion/selection", "note", "s: {" + Call + ", 'userAgent|contains': evil}\n  condition: s")]
    [InlineData("delivery/read-only-events", "note", "s: {eventSource: iam.amazonaws.com, eventName: ListUsers}\n  condition: s")]
    [InlineData("delivery/data-events", "note", "s: {eventSource: s3.amazonaws.com, eventName: GetObject}\n  condition: s")]
    [InlineData("delivery/region", "warning", "s: {" + Call + ", awsRegion: eu-west-1}\n  condition: s")]
    [InlineData("cost/tried-always", "note", "s: {sourceIPAddress: 192.0.2.1}\n  condition: s")]
    [InlineData("cost/keywords", "note", "s: {" + Call + "}\n  k: [secret]\n  condition: s and k")]
    [InlineData("cost/plain-regex", "note", "s: {" + Call + ", 'userIdentity.arn|re': '.*:user/admin.*'}\n  condition: s")]
    [InlineData("text/empty-list", "warning", "s: {" + Call + ", errorCode: []}\n  condition: s")]
    [InlineData("text/null-in-list", "warning", "s: {" + Call + ", errorCode: [AccessDenied, null]}\n  condition: s")]
    [InlineData("text/unused-search", "warning", "s: {" + Call + "}\n  t: {awsRegion: us-east-1}\n  condition: s")]
    public void Check_Mistake_IsFound(string id, string level, string detection)
    {
        var finding = Check(detection).FirstOrDefault(finding => finding.Kind.Id == id);

        Assert.NotNull(finding);
        Assert.Equal(level, finding.LevelWord);
        Assert.NotEmpty(finding.Reason);
        Assert.Contains(finding.Kind, LintCatalogue.All);
    }

    [Theory]
    [InlineData("s: {eventSource: IAM.amazonaws.com, eventName: createuser}\n  condition: s")]
    [InlineData("s: {" + Call + "}\n  condition: s and not 1 of filter_*")]
    [InlineData("s: {eventSource: unknown.amazonaws.com.cn, eventName: CreateUser}\n  condition: s", "never-fires/unknown-source")]
    [InlineData("s: {eventSource: [iam.amazonaws.com, kms.amazonaws.com], eventName: [CreateUser, DisableKey]}\n  condition: s")]
    [InlineData("s: {eventSource: lambda.amazonaws.com, eventName: UpdateFunctionCode20150331v2}\n  condition: s")]
    [InlineData("s: {eventSource: lambda.amazonaws.com, 'eventName|startswith': CreateFunction20}\n  condition: s")]
    [InlineData("s: {eventSource: lambda.amazonaws.com, eventName: [CreateFunction, CreateFunction20150331]}\n  condition: s")]
    [InlineData("s: {eventSource: cloudfront.amazonaws.com, eventName: CreateFunction2020_05_31}\n  condition: s")]
    [InlineData("s: {eventSource: s3.amazonaws.com, eventName: [PutBucketLifecycle, PutBucketLifecycleConfiguration, PutBucketReplication]}\n  condition: s")]
    [InlineData("s: {" + Call + ", userIdentity.sessionContext.sessionIssuer.userName: x, tlsDetails.tlsVersion: TLSv1.2}\n  condition: s")]
    [InlineData("s: {" + Call + ", requestParameters.anything.at.all: x, serviceEventDetails.state: y}\n  condition: s")]
    [InlineData("s: {" + Call + ", 'userIdentity.arn|contains': ':user/', 'userIdentity.arn|startswith': 'arn:aws:iam:'}\n  condition: s")]
    [InlineData("s: {" + Call + ", 'userIdentity.arn|re': 'user/(a|b)$'}\n  condition: s")]
    [InlineData("s: {" + Call + ", errorCode: null}\n  condition: s")]
    [InlineData("s: {" + Call + "}\n  f: {'userIdentity.arn|fieldref|endswith': requestParameters.userName}\n  condition: s and not f")]
    [InlineData("s: {eventSource: iam.amazonaws.com, eventName: [CreateUser, DeleteUser]}\n  f: {eventName: DeleteUser}\n  condition: s and not f")]
    [InlineData(
        "a: {userIdentity.sessionContext.attributes.mfaAuthenticated: 'false'}\n  b: {userIdentity.sessionContext.attributes.mfaAuthenticated: null}\n  s: {"
            + Call
            + "}\n  condition: s and (a or b)"
    )]
    [InlineData("s: {" + Call + "}\n  f: {userIdentity.sessionContext.attributes.mfaAuthenticated: 'true'}\n  condition: s and not f")]
    [InlineData(
        "s: {eventSource: signin.amazonaws.com, eventName: ConsoleLogin, additionalEventData.MFAUsed: 'No', userIdentity.type: IAMUser}\n  condition: s"
    )]
    [InlineData("s: {" + Call + "}\n  f: {userAgent: terraform, sourceIPAddress: 192.0.2.1}\n  condition: s and not f")]
    [InlineData("s: {" + Call + "}\n  f: {'userIdentity.arn|contains': ':assumed-role/Deployer/'}\n  condition: s and not f")]
    [InlineData("s: {" + Call + "}\n  f: {userIdentity.sessionContext.sessionIssuer.userName: Deployer}\n  condition: s and not f")]
    [InlineData("s: {" + Call + ", awsRegion: us-east-1}\n  condition: s")]
    [InlineData("s: {" + Call + "}\n  _base: {errorCode: null}\n  t_1: {awsRegion: us-east-1}\n  condition: s and _base and 1 of t_*")]
    public void Check_NoMistake_IsQuiet(string detection, string besides = "")
    {
        var findings = Check(detection).Where(finding => finding.Kind.Id != besides && !finding.Kind.Id.StartsWith("cost/", StringComparison.Ordinal));

        Assert.Empty(findings.Select(finding => finding.ToString()));
    }

    [Fact]
    public void Check_FieldInTheFile_IsTheFindingsPlace()
    {
        var findings = Check("s:\n    eventSource: s3.amazonaws.com\n    eventName:\n      - DeleteBucket\n      - ReplicateObject\n  condition: s");

        Assert.Equal((9, 9), (Assert.Single(findings).Place.Line, findings[0].Place.Column));
    }

    [Fact]
    public void Check_SecondDocument_HasPlacesOfItsOwn()
    {
        File.WriteAllText(
            Path.Combine(_folder, "two.yml"),
            $"{Rule($"s: {{{Call}}}\n  condition: s")}---\n{Rule($"s: {{{Call}, status: x}}\n  condition: s").Replace("id: 3", "id: 4", StringComparison.Ordinal)}"
        );

        var finding = Assert.Single(Linter.Check(RuleLoad.From([_folder]), strict: false, DateTimeOffset.UnixEpoch));

        Assert.Equal(12, finding.Place.Line);
    }

    [Theory]
    [InlineData("correlation: {type: event_count, rules: [3], group-by: [userIdentity.user], timespan: 5m, condition: {gte: 2}}", LintLevel.Error)]
    [InlineData("correlation: {type: event_count, rules: [3], group-by: [userIdentity.arn], timespan: 5m, condition: {gte: 2}}", null)]
    [InlineData("correlation: {type: value_count, rules: [3], group-by: [userIdentity.arn], timespan: 5m, condition: {gte: 2, field: name}}", LintLevel.Error)]
    public void Check_FieldsOfACorrelation_MustBeThere(string correlation, object? expected)
    {
        File.WriteAllText(Path.Combine(_folder, "many.yml"), $"title: Many\n{correlation}\n");

        Assert.Equal(expected, Check($"s: {{{Call}}}\n  condition: s").SingleOrDefault()?.Level);
    }

    [Fact]
    public void Check_HugeRule_TakesNoTimeToSpeakOf()
    {
        var names = string.Join(", ", Enumerable.Range(0, 20_000).Select(i => $"Call{i}"));
        var fields = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"    userIdentity.f{i}: x{i}\n"));

        var findings = Check($"s:\n    eventSource: iam.amazonaws.com\n    eventName: [{names}]\n{fields}  condition: s");

        Assert.Equal(25_000, findings.Count);
    }

    [Fact]
    public void Check_Strict_NotesWhatTheRuleDoesNotSay()
    {
        var finding = Assert.Single(Check($"s: {{{Call}}}\n  condition: s", strict: true));

        Assert.Equal((LintCatalogue.Metadata, LintLevel.Note), (finding.Kind, finding.Level));
        Assert.Contains("no level, no description, no falsepositives", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ShippedRules_HaveNoWarnings()
    {
        var findings = Linter.Check(RuleLoad.From([Repository.PathOf("rules")]), strict: true, DateTimeOffset.UnixEpoch);

        Assert.Empty(findings.Where(finding => finding.Level > LintLevel.Note).Select(finding => finding.ToString()));
    }

    [Theory]
    [InlineData("aws_ec2_startup_script_change", "misses/other-shape")]
    [InlineData("aws_delete_saml_provider", "never-fires/unknown-field")]
    [InlineData("aws_iam_backdoor_users_keys", "never-fires/field-as-value")]
    [InlineData("aws_update_login_profile", "never-fires/different-kinds")]
    [InlineData("aws_s3_data_management_tampering", "never-fires/unknown-event")]
    [InlineData("aws_route_53_domain_transferred_lock_disabled", "never-fires/event-of-another-source")]
    [InlineData("aws_console_getsignintoken", "evasion/exclusion")]
    public void Check_SigmaHqRuleWithAMistake_IsNamed(string rule, string id)
    {
        var findings = Linter.Check(
            RuleLoad.From([Path.Combine(Places.Shared("sigma/rules/sigmahq"), $"{rule}.yml")]),
            strict: false,
            DateTimeOffset.UnixEpoch
        );

        Assert.Contains(findings, finding => finding.Kind.Id == id && finding.Level >= LintLevel.Warning);
    }

    [Fact]
    public void Check_SigmaHqRules_AreMostlyQuiet()
    {
        var load = RuleLoad.From([Places.Shared("sigma/rules/sigmahq")]);

        var named = Linter
            .Check(load, strict: false, DateTimeOffset.UnixEpoch)
            .Where(finding => finding.Level > LintLevel.Note)
            .Select(finding => finding.Place.File)
            .Distinct();

        // Each of these was judged by hand, and is right.
        Assert.Equal(14, named.Count());
    }

    private IReadOnlyList<Finding> Check(string detection, bool strict = false)
    {
        File.WriteAllText(Path.Combine(_folder, "rule.yml"), Rule(detection));
        var load = RuleLoad.From([_folder]);
        Assert.Empty(load.Refused);
        return Linter.Check(load, strict, DateTimeOffset.UnixEpoch);
    }

    private static string Rule(string detection) => $"title: A rule\nid: 3\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  {detection}\n";
}
