using System.Collections.Frozen;

namespace Detector.Core.Policies;

/// <summary>
/// The actions by which a policy is judged: the many ways of writing a grant do not matter, only what it lets through. Each action is tried on two
/// resources of its kind that have little in common, so that what is granted on one of them is not taken for all.
/// </summary>
/// <remarks>
/// Of IAM these are nearly all actions, of the other services one to a few that change or reveal something; none of the services is so small or so
/// alike in name to another that a list of favourites could pass for everything.
/// </remarks>
internal static class Probes
{
    /// <summary>Stands for the account in the resources' ARNs.</summary>
    public const string Account = "000000000000";

    /// <summary>Stands for the holder's own name, <c>${aws:username}</c>.</summary>
    public const string Self = "self.holder";

    private const string Iam = """
        user: AddUserToGroup@group CreateUser DeleteUser GetUser UpdateUser TagUser UntagUser
        user: AttachUserPolicy DetachUserPolicy PutUserPolicy DeleteUserPolicy GetUserPolicy ListUserPolicies ListAttachedUserPolicies
        user: PutUserPermissionsBoundary DeleteUserPermissionsBoundary CreateAccessKey UpdateAccessKey DeleteAccessKey ListAccessKeys
        user: CreateLoginProfile UpdateLoginProfile DeleteLoginProfile GetLoginProfile EnableMFADevice DeactivateMFADevice ListMFADevices
        user: CreateServiceSpecificCredential UploadSSHPublicKey UploadSigningCertificate ListGroupsForUser
        group: CreateGroup DeleteGroup GetGroup UpdateGroup RemoveUserFromGroup AttachGroupPolicy DetachGroupPolicy PutGroupPolicy DeleteGroupPolicy
        role: CreateRole DeleteRole GetRole UpdateRole TagRole AttachRolePolicy DetachRolePolicy PutRolePolicy DeleteRolePolicy GetRolePolicy
        role: UpdateAssumeRolePolicy PutRolePermissionsBoundary DeleteRolePermissionsBoundary PassRole CreateServiceLinkedRole
        policy: CreatePolicy DeletePolicy GetPolicy CreatePolicyVersion DeletePolicyVersion GetPolicyVersion SetDefaultPolicyVersion TagPolicy
        instance-profile: CreateInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile
        saml-provider: CreateSAMLProvider UpdateSAMLProvider DeleteSAMLProvider
        oidc-provider: CreateOpenIDConnectProvider AddClientIDToOpenIDConnectProvider DeleteOpenIDConnectProvider
        mfa: CreateVirtualMFADevice DeleteVirtualMFADevice
        server-certificate: UploadServerCertificate
        account: UpdateAccountPasswordPolicy DeleteAccountPasswordPolicy CreateAccountAlias ListUsers ListRoles GetAccountAuthorizationDetails
        """;

    private const string Others = """
        access-analyzer DeleteAnalyzer
        account PutAlternateContact EnableRegion
        acm DeleteCertificate ExportCertificate
        acm-pca IssueCertificate
        airflow CreateEnvironment
        amplify CreateApp
        apigateway POST DELETE
        apprunner CreateService
        appsync CreateApiKey
        athena StartQueryExecution
        autoscaling CreateAutoScalingGroup CreateLaunchConfiguration
        backup DeleteRecoveryPoint PutBackupVaultAccessPolicy
        batch SubmitJob RegisterJobDefinition
        bedrock InvokeModel DeleteGuardrail
        bedrock-agentcore CreateCodeInterpreter InvokeCodeInterpreter
        budgets ModifyBudget
        cloudformation CreateStack UpdateStack DeleteStack CreateChangeSet ExecuteChangeSet CreateStackSet CreateStackInstances
        cloudfront CreateDistribution
        cloudtrail StopLogging DeleteTrail
        cloudwatch PutMetricAlarm DeleteAlarms
        codebuild CreateProject UpdateProject StartBuild
        codecommit GitPush
        codedeploy CreateDeployment
        codepipeline CreatePipeline
        cognito-identity SetIdentityPoolRoles
        cognito-idp AdminCreateUser
        config StopConfigurationRecorder
        datapipeline CreatePipeline PutPipelineDefinition
        dms CreateReplicationInstance
        ds CreateDirectory
        dynamodb DeleteTable PutItem Scan
        ec2 RunInstances TerminateInstances AuthorizeSecurityGroupIngress ModifyInstanceAttribute AssociateIamInstanceProfile CreateKeyPair CreateFleet
        ec2 CreateLaunchTemplate ReplaceIamInstanceProfileAssociation RequestSpotInstances RequestSpotFleet
        ec2-instance-connect SendSSHPublicKey
        ecr PutImage SetRepositoryPolicy
        ecs RunTask RegisterTaskDefinition CreateService ExecuteCommand
        eks CreateCluster CreateAccessEntry
        elasticache DeleteCacheCluster
        elasticbeanstalk CreateEnvironment
        elasticfilesystem DeleteFileSystem
        elasticloadbalancing CreateListener
        elasticmapreduce RunJobFlow
        emr-serverless CreateApplication StartJobRun
        es CreateDomain
        events PutRule PutTargets
        firehose CreateDeliveryStream
        fsx DeleteFileSystem
        glacier DeleteArchive
        glue CreateDevEndpoint UpdateDevEndpoint CreateJob UpdateJob CreateSession RunStatement
        guardduty DeleteDetector
        identitystore CreateGroupMembership
        imagebuilder CreateImage
        inspector2 Disable
        iot CreatePolicy
        kafka CreateCluster
        kinesis DeleteStream
        kms PutKeyPolicy Decrypt ScheduleKeyDeletion
        lakeformation PutDataLakeSettings
        lambda CreateFunction UpdateFunctionCode UpdateFunctionConfiguration InvokeFunction AddPermission
        lightsail GetInstanceAccessDetails
        logs DeleteLogGroup PutSubscriptionFilter
        macie2 DisableMacie
        mq CreateBroker
        network-firewall DeleteFirewall
        organizations CreateAccount LeaveOrganization AttachPolicy DetachPolicy UpdatePolicy
        quicksight CreateUser
        ram CreateResourceShare
        rds DeleteDBInstance ModifyDBInstance CreateDBSnapshot
        redshift GetClusterCredentials
        rolesanywhere CreateTrustAnchor CreateProfile
        route53 ChangeResourceRecordSets
        route53domains TransferDomain
        sagemaker CreateNotebookInstance CreatePresignedNotebookInstanceUrl CreateTrainingJob CreateProcessingJob
        scheduler CreateSchedule
        secretsmanager GetSecretValue PutResourcePolicy
        securityhub DisableSecurityHub
        servicecatalog CreateProduct
        shield DeleteProtection
        sns Publish SetTopicAttributes
        sqs SendMessage SetQueueAttributes
        ssm SendCommand StartSession GetParameter StartAutomationExecution
        sso CreateAccountAssignment PutInlinePolicyToPermissionSet AttachManagedPolicyToPermissionSet CreatePermissionSet
        states CreateStateMachine UpdateStateMachine
        storagegateway DeleteGateway
        sts AssumeRole
        transfer CreateUser
        vpc-lattice CreateService
        wafv2 DeleteWebACL
        workspaces CreateWorkspaces
        xray PutTraceSegments
        """;

    private const string S3 = "CreateBucket DeleteBucket PutBucketPolicy PutBucketAcl GetObject PutObject DeleteObject";

    /// <summary>The services that a role may be passed to, as iam:PassedToService names them; one probe of iam:PassRole for each.</summary>
    private const string PassedTo =
        "airflow apprunner autoscaling batch bedrock-agentcore cloudformation codebuild cognito-identity datapipeline ec2 ecs-tasks elasticmapreduce emr-serverless glue lambda rolesanywhere sagemaker scheduler ssm states";

    private static readonly List<string> ResourceList = [];
    private static readonly Dictionary<string, int> ResourceNumbers = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, Probe> ByName = new(StringComparer.Ordinal);

    static Probes()
    {
        var all = new List<Probe>();
        foreach (var line in Iam.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            foreach (var word in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var at = word.IndexOf('@', StringComparison.Ordinal);
                var action = at < 0 ? word : word[..at];
                var kind = at < 0 ? line[..colon] : word[(at + 1)..];
                Add("iam", action, null, [$"arn:aws:iam::{Account}:{kind}/Kestrel41", $"arn:aws:iam::{Account}:{kind}/team/wombat_9"], kind == "user");
                if (action == "PassRole")
                {
                    foreach (var service in PassedTo.Split(' '))
                    {
                        Add("iam", action, service, [$"arn:aws:iam::{Account}:role/Kestrel41", $"arn:aws:iam::{Account}:role/team/wombat_9"], false);
                    }
                }
            }
        }
        foreach (var line in Others.Split('\n'))
        {
            var words = line.Split(' ');
            string[] resources = words[0] switch
            {
                "sts" => [$"arn:aws:iam::{Account}:role/Kestrel41", $"arn:aws:iam::{Account}:role/team/wombat_9"],
                "account" or "cloudfront" or "organizations" or "route53" or "shield" or "sso" =>
                [
                    $"arn:aws:{words[0]}::{Account}:thing/Kestrel41",
                    $"arn:aws:{words[0]}::{Account}:part/wombat_9",
                ],
                _ => [$"arn:aws:{words[0]}:us-east-1:{Account}:thing/Kestrel41", $"arn:aws:{words[0]}:eu-central-1:{Account}:part:wombat_9"],
            };
            foreach (var action in words[1..])
            {
                Add(words[0], action, null, resources, false);
            }
        }
        foreach (var action in S3.Split(' '))
        {
            Add("s3", action, null, ["arn:aws:s3:::kestrel41-data", "arn:aws:s3:::wombat-9.logs/2024/x"], false);
        }
        All = [.. all];
        Resources = [.. ResourceList];
        Pairs = all.Sum(probe => probe.Resources.Length);
        ByService = all.GroupBy(probe => probe.Service, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

        void Add(string service, string action, string? passedTo, string[] resources, bool hasSelf)
        {
            var numbers = resources.Select(NumberOf).ToList();
            if (hasSelf)
            {
                numbers.Add(NumberOf($"arn:aws:iam::{Account}:user/{Self}"));
            }
            var first = all.Sum(probe => probe.Resources.Length);
            var probe = new Probe(all.Count, service, $"{service}:{action}".ToLowerInvariant(), passedTo, [.. numbers], first, hasSelf);
            all.Add(probe);
            ByName.Add(passedTo is null ? probe.Action : $"{probe.Action}>{passedTo}", probe);
        }
    }

    /// <summary>All probes.</summary>
    public static Probe[] All { get; }

    /// <summary>The same by service, which is what stands before the colon of an action.</summary>
    public static FrozenDictionary<string, Probe[]> ByService { get; }

    /// <summary>ARNs of the resources, by their number.</summary>
    public static string[] Resources { get; }

    /// <summary>How many pairs of a probe and one of its resources there are.</summary>
    public static int Pairs { get; }

    /// <summary>The probe of an action.</summary>
    /// <param name="action">In any letter case.</param>
    /// <param name="passedTo">For iam:PassRole, the service that gets the role.</param>
    public static Probe Of(string action, string? passedTo = null) =>
        ByName[passedTo is null ? action.ToLowerInvariant() : $"{action.ToLowerInvariant()}>{passedTo}"];

    private static int NumberOf(string resource)
    {
        if (!ResourceNumbers.TryGetValue(resource, out var number))
        {
            number = ResourceList.Count;
            ResourceNumbers.Add(resource, number);
            ResourceList.Add(resource);
        }
        return number;
    }
}

/// <summary>One action to try a policy with.</summary>
/// <param name="Number">Its place in <see cref="Probes.All"/>.</param>
/// <param name="Service">Before the colon.</param>
/// <param name="Action">In lower case.</param>
/// <param name="PassedTo">For iam:PassRole, the service that gets the role.</param>
/// <param name="Resources">Numbers of the resources to try it on.</param>
/// <param name="FirstPair">Number of the pair with the first of them; the others follow.</param>
/// <param name="HasSelf">Whether the last of the resources is the holder's own user.</param>
internal sealed record Probe(int Number, string Service, string Action, string? PassedTo, int[] Resources, int FirstPair, bool HasSelf);
