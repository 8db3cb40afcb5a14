using System.Text;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;

namespace Detector.Benchmarks;

/// <summary>Made-up inputs, the same on every run.</summary>
internal static class Workloads
{
    private static readonly (string Source, string Name)[] Calls =
    [
        ("ec2", "DescribeInstances"),
        ("s3", "GetObject"),
        ("sts", "GetCallerIdentity"),
        ("kms", "Decrypt"),
        ("logs", "CreateLogStream"),
        ("lambda", "Invoke20150331"),
        ("dynamodb", "DescribeTable"),
        ("iam", "ListRoles"),
    ];

    private const string Template = """
        {"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEROLE@N@:session-@N@","arn":"arn:aws:sts::111122223333:assumed-role/service-role/session-@N@","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE@N@","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEROLE@N@","arn":"arn:aws:iam::111122223333:role/service-role","accountId":"111122223333","userName":"service-role"},"attributes":{"creationDate":"2026-03-01T10:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-03-01T10:@MINUTE@:@SECOND@Z","eventSource":"@SOURCE@.amazonaws.com","eventName":"@NAME@","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.@HOST@","userAgent":"aws-sdk-java/2.25.60 Linux/6.1 OpenJDK_64-Bit_Server_VM/21 exec-env/AWS_ECS_FARGATE","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-0abc@N@"}]},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-0def@N@"}]}}]},"note":"a \"quoted\" value with a backslash \\ in it"},"responseElements":null,"requestID":"5b1c6a0e-0000-4000-8000-@N@","eventID":"0d2f7e1c-0000-4000-8000-@N@","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"@SOURCE@.eu-west-1.amazonaws.com"}}
        """;

    /// <summary>Records of about 1.4 kB, as a busy account's assumed roles leave them; no rule wants them, and none begins a session, which is learned.</summary>
    public static string Record(int number)
    {
        var (source, name) = Calls[number % Calls.Length];
        return Template
            .Replace("@SOURCE@", source, StringComparison.Ordinal)
            .Replace("@NAME@", name, StringComparison.Ordinal)
            .Replace("@MINUTE@", $"{number / 60 % 60:D2}", StringComparison.Ordinal)
            .Replace("@SECOND@", $"{number % 60:D2}", StringComparison.Ordinal)
            .Replace("@HOST@", $"{number % 250}", StringComparison.Ordinal)
            .Replace("@N@", $"{number:D6}", StringComparison.Ordinal);
    }

    /// <summary>A record as EventBridge delivers it.</summary>
    public static byte[] Envelope(int number) =>
        Encoding.UTF8.GetBytes(
            $$"""{"version":"0","id":"3c8a1a52-0000-4000-8000-{{number:D12}}","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333","time":"2026-03-01T10:00:00Z","region":"eu-west-1","resources":[],"detail":{{Record(number)}}}"""
        );

    /// <summary>Rules of the shapes that public rule packs have: an event's name with a source, and often one more field.</summary>
    public static RuleSet Rules(int count)
    {
        string[] verbs = ["Create", "Delete", "Put", "Update", "Attach", "Stop", "Modify", "Disable"];
        string[] sources = ["iam", "ec2", "s3", "kms", "rds", "guardduty", "config", "route53"];
        var random = new Random(4711);
        var rules = new List<Rule>(count);
        for (var i = 0; i < count; i++)
        {
            var extra = (i % 5) switch
            {
                0 => "\n    userIdentity.type: IAMUser",
                1 => "\n    requestParameters.policyDocument|contains: '\"Action\":\"*\"'",
                2 => "\n    userAgent|startswith: 'aws-cli/'",
                3 => "\n    sourceIPAddress|cidr: 203.0.113.0/24",
                _ => "",
            };
            Add(
                rules,
                $"""
                title: generated {i}
                id: {new Guid(i, 0, 0, new byte[8])}
                logsource: {"{"}product: aws, service: cloudtrail{"}"}
                detection:
                  selection:
                    eventSource: {sources[random.Next(sources.Length)]}.amazonaws.com
                    eventName: [{verbs[random.Next(verbs.Length)]}Thing{i / 3}, {verbs[random.Next(verbs.Length)]}Part{i}]{extra}
                  filter:
                    errorCode|exists: true
                  condition: selection and not filter
                """
            );
        }
        return RuleSet.Compile(rules);
    }

    /// <summary>Rules that are tried on every <see cref="Record"/>, and that none of them meets.</summary>
    public static RuleSet RulesTriedAlways(int count)
    {
        var rules = new List<Rule>(count);
        for (var i = 0; i < count; i++)
        {
            Add(
                rules,
                $"""
                title: tried {i}
                logsource: {"{"}product: aws, service: cloudtrail{"}"}
                detection:
                  selection:
                    userIdentity.type: AssumedRole
                    userAgent|contains: agent-{i}/
                  condition: selection
                """
            );
        }
        return RuleSet.Compile(rules);
    }

    private static void Add(List<Rule> rules, string text)
    {
        var read = SigmaReader.Read("generated.yml", text);
        if (read.Errors.Count > 0)
        {
            throw new InvalidOperationException(read.Errors[0].ToString());
        }
        rules.AddRange(read.Rules);
    }
}
