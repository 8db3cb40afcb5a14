namespace Detector.Core.Rules.Fields;

/// <summary>
/// The rules by which history finds what it learns from, in the ordinary course of matching. They are there only if a rule of somebody's asks for history, but
/// for those that find sessions, which every alert asks for; and they never alert.
/// </summary>
internal static class LessonRules
{
    private static readonly DetectionRule[] All =
    [
        Lesson(
            Lessons.Identities,
            Succeeds(
                "iam.amazonaws.com",
                "AddUserToGroup",
                "AttachGroupPolicy",
                "AttachRolePolicy",
                "AttachUserPolicy",
                "CreateAccessKey",
                "CreateAccountAlias",
                "CreateGroup",
                "CreateLoginProfile",
                "CreatePolicy",
                "CreatePolicyVersion",
                "CreateRole",
                "CreateUser",
                "DeactivateMFADevice",
                "DeleteAccessKey",
                "DeleteAccountAlias",
                "DeleteGroup",
                "DeleteGroupPolicy",
                "DeleteLoginProfile",
                "DeletePolicy",
                "DeletePolicyVersion",
                "DeleteRole",
                "DeleteRolePolicy",
                "DeleteUser",
                "DeleteUserPolicy",
                "DetachGroupPolicy",
                "DetachRolePolicy",
                "DetachUserPolicy",
                "EnableMFADevice",
                "PutGroupPolicy",
                "PutRolePolicy",
                "PutUserPolicy",
                "RemoveUserFromGroup",
                "SetDefaultPolicyVersion",
                "UpdateAccessKey",
                "UpdateGroup",
                "UpdateUser"
            )
        ),
        Lesson(
            Lessons.KeyUse,
            new Condition.And([
                // Nobody else has long-term keys; by the type the index tells the records apart that need not be tried.
                new Condition.Or([Condition.Is("userIdentity.type", "IAMUser"), Condition.Is("userIdentity.type", "Root")]),
                new Condition.Field(
                    "userIdentity.accessKeyId",
                    new FieldTest.Text(new TextPattern([TextPiece.Literal("AKIA"), TextPiece.AnyRun], Cased: true))
                ),
            ]),
            new Sighting(["userIdentity.accessKeyId"], TimeSpan.FromDays(1))
        ),
        Lesson(
            Lessons.SignIns,
            new Condition.And([
                Condition.Is("eventSource", "signin.amazonaws.com"),
                Condition.Is("eventName", "ConsoleLogin"),
                Condition.Is("userIdentity.type", "IAMUser"),
                Condition.Is("responseElements.ConsoleLogin", "Success"),
            ])
        ),
        Lesson(Lessons.KeyPairs, Succeeds("ec2.amazonaws.com", "CreateKeyPair", "DeleteKeyPair", "ImportKeyPair", "RunInstances")),
        Lesson(
            Lessons.Sessions,
            new Condition.And([
                Succeeds(
                    "sts.amazonaws.com",
                    "AssumeRole",
                    "AssumeRoleWithSAML",
                    "AssumeRoleWithWebIdentity",
                    "AssumeRoot",
                    "GetFederationToken",
                    "GetSessionToken"
                ),
                // Nobody stands behind a service, and services begin most sessions. Behind one that acts for its caller the caller stands.
                new Condition.Not(new Condition.Or([Condition.Is("userIdentity.type", "AWSService"), Condition.Is("eventType", "AwsServiceEvent")])),
            ])
        ),
        Lesson(Lessons.SamlRoles, Succeeds("sts.amazonaws.com", "AssumeRoleWithSAML"), new Sighting(["requestParameters.roleArn"], TimeSpan.FromDays(1))),
        Lesson(
            Lessons.PermissionSets,
            Succeeds(
                "sso.amazonaws.com",
                "AttachCustomerManagedPolicyReferenceToPermissionSet",
                "AttachManagedPolicyToPermissionSet",
                "DeleteInlinePolicyFromPermissionSet",
                "DeletePermissionSet",
                "DetachCustomerManagedPolicyReferenceFromPermissionSet",
                "DetachManagedPolicyFromPermissionSet",
                "PutInlinePolicyToPermissionSet"
            )
        ),
        Lesson(Lessons.Trails, Succeeds("cloudtrail.amazonaws.com", "CreateTrail", "UpdateTrail")),
        Lesson(
            Lessons.TrailBuckets,
            // CloudTrail asks whether it may write before it delivers, so that also trails from before the archive show their buckets.
            new Condition.And([
                Succeeds("s3.amazonaws.com", "GetBucketAcl"),
                Condition.Is("userIdentity.type", "AWSService"),
                Condition.Is("userIdentity.invokedBy", "cloudtrail.amazonaws.com"),
            ]),
            new Sighting(["requestParameters.bucketName"], TimeSpan.FromDays(1))
        ),
    ];

    /// <summary>The rules that find what the fields of these rules depend on.</summary>
    public static IReadOnlyList<DetectionRule> For(IReadOnlyList<DetectionRule> rules)
    {
        if (rules.Count == 0)
            return [];
        var asked = rules
            .Where(rule => rule.AsksForDerived)
            .SelectMany(rule => Implied.Fields(rule.Condition))
            .Select(DerivedFields.Find)
            .Aggregate(Lessons.Sessions, (all, field) => all | (field?.Asks ?? Lessons.None));
        return [.. All.Where(lesson => asked.HasFlag(lesson.Teaches))];
    }

    private static DetectionRule Lesson(Lessons teaches, Condition condition, Sighting? sighting = null) =>
        new()
        {
            Title = $"history/{teaches}",
            Place = new RulePlace("history", 1, 1),
            Condition = condition,
            Sighting = sighting,
            Teaches = teaches,
        };

    private static Condition.And Succeeds(string source, params IEnumerable<string> names) =>
        new([
            Condition.Is("eventSource", source),
            new Condition.Or([.. names.Select(name => Condition.Is("eventName", name))]),
            Condition.IsNull("errorCode"),
            Condition.IsNull("errorMessage"),
        ]);
}
