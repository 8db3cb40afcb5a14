namespace Detector.Core.Policies;

/// <summary>A way by which the holder of a policy gets more than the policy says.</summary>
/// <param name="Name">The actions that it takes, as in <c>iam:PassRole+lambda:CreateFunction</c>; never changes.</param>
/// <param name="IsDirect">
/// Whether the actions alone suffice, given that the account has somebody privileged; else it also takes something that happens to be there, such as an
/// instance with a strong role.
/// </param>
/// <param name="IsConditioned">Whether it is open only under a condition of the policy.</param>
public sealed record EscalationPath(string Name, bool IsDirect, bool IsConditioned = false);

/// <summary>The known ways to escalate privileges in AWS, and which of them grants open.</summary>
internal static class EscalationPaths
{
    private static readonly Route[] Routes =
    [
        // Change what a policy says, or who has it.
        Direct("iam:CreatePolicyVersion"),
        Direct("iam:SetDefaultPolicyVersion"),
        Direct("iam:AttachUserPolicy") with
        {
            SelfSuffices = true,
        },
        Direct("iam:AttachGroupPolicy"),
        Direct("iam:AttachRolePolicy"),
        Direct("iam:PutUserPolicy") with
        {
            SelfSuffices = true,
        },
        Direct("iam:PutGroupPolicy"),
        Direct("iam:PutRolePolicy"),
        Direct("iam:AddUserToGroup"),
        Direct("sso:PutInlinePolicyToPermissionSet"),
        Direct("sso:AttachManagedPolicyToPermissionSet"),
        // Become somebody else.
        Direct("iam:UpdateAssumeRolePolicy"),
        Direct("iam:CreateAccessKey"),
        Direct("iam:CreateLoginProfile"),
        Direct("iam:UpdateLoginProfile"),
        Direct("sso:CreateAccountAssignment"),
        Direct("identitystore:CreateGroupMembership"),
        // Let a machine run with somebody else's role.
        Passing("lambda", "lambda:CreateFunction"),
        Passing("lambda", "lambda:UpdateFunctionConfiguration"),
        Passing("ec2", "ec2:RunInstances"),
        Passing("ec2", "ec2:AssociateIamInstanceProfile"),
        Passing("ec2", "ec2:ReplaceIamInstanceProfileAssociation"),
        Passing("ec2", "ec2:RequestSpotInstances"),
        Passing("ec2", "ec2:RequestSpotFleet"),
        Passing("autoscaling", "autoscaling:CreateAutoScalingGroup", "autoscaling:CreateLaunchConfiguration"),
        Passing("ec2", "autoscaling:CreateAutoScalingGroup", "ec2:CreateLaunchTemplate"),
        Passing("ec2", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"),
        Passing("glue", "glue:CreateDevEndpoint"),
        Passing("glue", "glue:CreateJob"),
        Passing("glue", "glue:UpdateJob"),
        Passing("glue", "glue:CreateSession", "glue:RunStatement"),
        Passing("cloudformation", "cloudformation:CreateStack"),
        Passing("cloudformation", "cloudformation:UpdateStack"),
        Passing("cloudformation", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
        Passing("cloudformation", "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"),
        Passing("datapipeline", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"),
        Passing("sagemaker", "sagemaker:CreateNotebookInstance"),
        Passing("sagemaker", "sagemaker:CreateTrainingJob"),
        Passing("sagemaker", "sagemaker:CreateProcessingJob"),
        Passing("codebuild", "codebuild:CreateProject"),
        Passing("codebuild", "codebuild:UpdateProject"),
        Passing("ecs-tasks", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
        Passing("ecs-tasks", "ecs:RegisterTaskDefinition", "ecs:CreateService"),
        Passing("states", "states:CreateStateMachine"),
        Passing("states", "states:UpdateStateMachine"),
        Passing("batch", "batch:RegisterJobDefinition", "batch:SubmitJob"),
        Passing("elasticmapreduce", "elasticmapreduce:RunJobFlow"),
        Passing("emr-serverless", "emr-serverless:CreateApplication", "emr-serverless:StartJobRun"),
        Passing("airflow", "airflow:CreateEnvironment"),
        Passing("bedrock-agentcore", "bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"),
        Passing("ssm", "ssm:StartAutomationExecution"),
        Passing("apprunner", "apprunner:CreateService"),
        Passing("scheduler", "scheduler:CreateSchedule"),
        Passing("cognito-identity", "cognito-identity:SetIdentityPoolRoles"),
        Passing("rolesanywhere", "rolesanywhere:CreateTrustAnchor", "rolesanywhere:CreateProfile"),
        // Take over what runs with a role already, or what guards.
        Indirect("lambda:UpdateFunctionCode"),
        Indirect("glue:UpdateDevEndpoint"),
        Indirect("ssm:SendCommand"),
        Indirect("ssm:StartSession"),
        Indirect("ec2:ModifyInstanceAttribute"),
        Indirect("ec2-instance-connect:SendSSHPublicKey"),
        Indirect("ecs:ExecuteCommand"),
        Indirect("codebuild:StartBuild"),
        Indirect("cloudformation:ExecuteChangeSet"),
        Indirect("sagemaker:CreatePresignedNotebookInstanceUrl"),
        Indirect("eks:CreateAccessEntry"),
        Indirect("sts:AssumeRole"),
        Indirect("iam:UpdateSAMLProvider"),
        Indirect("iam:DeleteUserPermissionsBoundary") with
        {
            SelfSuffices = true,
        },
        Indirect("iam:DeleteRolePermissionsBoundary"),
        Indirect("organizations:CreateAccount", "sts:AssumeRole"),
        Indirect("organizations:AttachPolicy"),
        Indirect("organizations:DetachPolicy"),
        Indirect("organizations:UpdatePolicy"),
    ];

    /// <summary>The paths that grants open, in the order of the table.</summary>
    public static IEnumerable<EscalationPath> Of(Grants grants) =>
        from route in Routes
        where !grants.IsNothing && Array.TrueForAll(route.Steps, step => IsHeld(route, step, grants))
        select new EscalationPath(route.Name, route.IsDirect);

    /// <summary>The steps of paths that take several which grants hold: another policy of the same holder may have the rest.</summary>
    public static IEnumerable<string> StepsOf(Grants grants) =>
        Routes
            .Where(route => route.Steps.Length > 1)
            .SelectMany(route => route.Steps.Where(step => IsHeld(route, step, grants)))
            .Select(NameOf)
            .Distinct(StringComparer.Ordinal);

    /// <summary>The paths of several steps that are open to who holds all these steps.</summary>
    public static IEnumerable<EscalationPath> Of(IReadOnlySet<string> steps) =>
        from route in Routes
        where route.Steps.Length > 1 && Array.TrueForAll(route.Steps, step => steps.Contains(NameOf(step)))
        select new EscalationPath(route.Name, route.IsDirect);

    private static bool IsHeld(Route route, Probe step, Grants grants) => grants.Holds(step) || (route.SelfSuffices && grants.HoldsForSelf(step));

    private static string NameOf(Probe probe) => probe.PassedTo is null ? probe.Action : $"{probe.Action}>{probe.PassedTo}";

    private static Route Direct(params string[] actions) => new(string.Join('+', actions), true, [.. actions.Select(action => Probes.Of(action))]);

    private static Route Indirect(params string[] actions) => Direct(actions) with { IsDirect = false };

    private static Route Passing(string service, params string[] actions)
    {
        var direct = Direct(actions);
        return direct with { Name = $"iam:PassRole+{direct.Name}", Steps = [Probes.Of("iam:PassRole", service), .. direct.Steps] };
    }

    /// <summary>One way.</summary>
    /// <param name="Name">Its slug.</param>
    /// <param name="IsDirect">Needs nothing that happens to be there.</param>
    /// <param name="Steps">All that it takes.</param>
    /// <param name="SelfSuffices">Whether it leads upwards also from the holder's own user alone.</param>
    private sealed record Route(string Name, bool IsDirect, Probe[] Steps, bool SelfSuffices = false);
}
