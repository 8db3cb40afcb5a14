namespace Detector.Core.Policies;

/// <summary>
/// What AWS's own managed policies grant. The trail shows only their ARNs, never their documents. A customer's policy is not decided by its name.
/// </summary>
public static class ManagedPolicies
{
    private static readonly Dictionary<string, PolicyAnswers> Known = new(StringComparer.Ordinal)
    {
        // Allow * on *.
        ["AdministratorAccess"] = Administrator(Administration.Everything),
        // iam:* on *.
        ["IAMFullAccess"] = Administrator(Administration.Iam),
        // Of those below the paths are listed that exist by themselves; Steps, that another policy may complete, are read off their statements.
        // Everything but IAM, Organizations and the account's settings: AWS made it to be no administrator.
        ["PowerUserAccess"] = Paths(
            false,
            "lambda:UpdateFunctionCode",
            "glue:UpdateDevEndpoint",
            "ssm:SendCommand",
            "ssm:StartSession",
            "ec2:ModifyInstanceAttribute",
            "ecs:ExecuteCommand",
            "codebuild:StartBuild",
            "eks:CreateAccessEntry",
            "sts:AssumeRole"
        ) with
        {
            Steps = Of(""" "NotAction": ["iam:*", "organizations:*", "account:*"] """).Steps,
        },
        // Full administration of one service each, by which the roles of other machines come within reach.
        ["AmazonSSMFullAccess"] = Paths(false, "ssm:SendCommand", "ssm:StartSession") with
        {
            Steps = Of(""" "Action": "ssm:*" """).Steps,
        },
        ["AWSLambda_FullAccess"] = new()
        {
            Paths = [new("iam:PassRole+lambda:CreateFunction", IsDirect: true, IsConditioned: true)],
            Steps = Of(""" "Action": "lambda:*" """).Steps,
        },
        ["AWSSSOMasterAccountAdministrator"] = Paths(
            true,
            "sso:CreateAccountAssignment",
            "sso:PutInlinePolicyToPermissionSet",
            "sso:AttachManagedPolicyToPermissionSet"
        ) with
        {
            WithoutCondition = true,
        },
        // The names sound alike, the grants are those of one product.
        ["AdministratorAccess-Amplify"] = new(),
        ["AdministratorAccess-AWSElasticBeanstalk"] = new(),
        // Jobs: their PassRole reaches a few roles by name.
        ["job-function/SystemAdministrator"] = new(),
        ["job-function/DatabaseAdministrator"] = new(),
        ["job-function/NetworkAdministrator"] = new(),
        ["job-function/DataScientist"] = new(),
        ["job-function/SupportUser"] = new(),
        ["job-function/Billing"] = new(),
        ["job-function/ViewOnlyAccess"] = new(),
        ["ReadOnlyAccess"] = new(),
        ["SecurityAudit"] = new(),
        ["IAMReadOnlyAccess"] = new(),
        ["IAMUserChangePassword"] = new(),
        // One service, without a role to pass.
        ["AmazonS3FullAccess"] = new(),
        ["AmazonEC2FullAccess"] = Paths(false, "ec2:ModifyInstanceAttribute") with { Steps = Of(""" "Action": ["ec2:*", "autoscaling:*"] """).Steps },
        ["AmazonRDSFullAccess"] = new(),
        ["AmazonDynamoDBFullAccess"] = new(),
    };

    private static readonly Dictionary<string, PolicyAnswers>.AlternateLookup<ReadOnlySpan<char>> KnownByName = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The answers for a managed policy by its exact ARN, in any partition.</summary>
    /// <returns>Null for a policy of a customer, or one of AWS that is not known here.</returns>
    public static PolicyAnswers? Answer(ReadOnlySpan<char> arn) => KnownByName.TryGetValue(NameIn(arn), out var answers) ? answers : null;

    /// <summary>Whether an ARN is that of a policy of AWS's own, known here or not. A customer may have the like in a policy's path.</summary>
    public static bool IsManaged(ReadOnlySpan<char> arn) => !NameIn(arn).IsEmpty;

    /// <summary>The name of AWS's own policy, with its path; empty for a customer's.</summary>
    private static ReadOnlySpan<char> NameIn(ReadOnlySpan<char> arn)
    {
        const string start = "arn:";
        const string middle = ":iam::aws:policy/";
        var at = arn.IndexOf(middle, StringComparison.Ordinal);
        return at >= start.Length && arn.StartsWith(start, StringComparison.Ordinal) && Partitions.Has(arn[start.Length..at])
            ? arn[(at + middle.Length)..]
            : default;
    }

    private static PolicyAnswers Administrator(Administration administration) =>
        Of(administration == Administration.Everything ? """ "Action": "*" """ : """ "Action": "iam:*" """);

    /// <summary>The answers for an Allow of actions on everything.</summary>
    private static PolicyAnswers Of(string actions)
    {
        var document = PolicyDocument.Read(System.Text.Encoding.UTF8.GetBytes($$"""{ "Statement": { "Effect": "Allow", {{actions}}, "Resource": "*" } }"""));
        return PolicyAnswers.Of(document, DateTimeOffset.UnixEpoch);
    }

    private static PolicyAnswers Paths(bool isDirect, params string[] names) => new() { Paths = [.. names.Select(name => new EscalationPath(name, isDirect))] };
}
