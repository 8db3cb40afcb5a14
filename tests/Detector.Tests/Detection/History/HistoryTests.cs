using Detector.Adapters.Reports;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Tests.Rules;

namespace Detector.Tests.Detection.History;

/// <summary>Rules that ask what happened before, played over small trails.</summary>
public sealed class HistoryTests
{
    private const string Admin = """{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}""";
    private const string Harmless = """{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:ListBucket\",\"Resource\":\"arn:aws:s3:::b\"}}""";

    [Fact]
    public void SetDefaultPolicyVersion_ToOneSeenToAllowAll_IsMet()
    {
        var told = Play(
            "{s: {eventName: SetDefaultPolicyVersion, detector.history.policyAdministrative: true}, condition: s}",
            Iam(
                1,
                "CreatePolicy",
                $$"""{"policyName":"p","policyDocument":"{{Harmless}}"}""",
                """{"policy":{"arn":"arn:aws:iam::1:policy/p","defaultVersionId":"v1"}}"""
            ),
            Iam(
                2,
                "CreatePolicyVersion",
                $$"""{"policyArn":"arn:aws:iam::1:policy/p","policyDocument":"{{Admin}}"}""",
                """{"policyVersion":{"versionId":"v2"}}"""
            ),
            Iam(3, "SetDefaultPolicyVersion", """{"policyArn":"arn:aws:iam::1:policy/p","versionId":"v1"}"""),
            Iam(4, "SetDefaultPolicyVersion", """{"policyArn":"arn:aws:iam::1:policy/p","versionId":"v2"}"""),
            Iam(5, "SetDefaultPolicyVersion", """{"policyArn":"arn:aws:iam::1:policy/other","versionId":"v2"}""")
        );

        Assert.Equal(["e4"], told);
    }

    [Fact]
    public void AddUserToGroup_WhoseGrantsWereSeen_IsMetWhileTheyHold()
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}",
            Iam(1, "AddUserToGroup", """{"userName":"a","groupName":"ops"}"""),
            Iam(2, "AttachGroupPolicy", """{"groupName":"Ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""),
            Iam(3, "AddUserToGroup", """{"userName":"a","groupName":"ops"}"""),
            Iam(4, "DetachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""),
            Iam(5, "AddUserToGroup", """{"userName":"b","groupName":"ops"}"""),
            Iam(6, "PutGroupPolicy", $$"""{"groupName":"ops","policyName":"x","policyDocument":"{{Admin}}"}"""),
            Iam(7, "AddUserToGroup", """{"userName":"c","groupName":"ops"}"""),
            Iam(8, "DeleteGroup", """{"groupName":"ops"}"""),
            Iam(9, "AddUserToGroup", """{"userName":"d","groupName":"ops"}""")
        );

        Assert.Equal(["e3", "e7"], told);
    }

    [Fact]
    public void PutUserPolicy_ThatHoldsTheOtherHalfOfAPath_IsMetWhereItOpensThePath()
    {
        const string Pass = """{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"iam:PassRole\",\"Resource\":\"*\"}}""";
        const string Run = """{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"lambda:*\",\"Resource\":\"*\"}}""";
        var told = Play(
            "{s: {detector.history.joinedEscalation: 'iam:PassRole+lambda:CreateFunction'}, condition: s}",
            Iam(1, "PutUserPolicy", $$"""{"userName":"a","policyName":"pass","policyDocument":"{{Pass}}"}"""),
            Iam(2, "PutUserPolicy", $$"""{"userName":"b","policyName":"run","policyDocument":"{{Run}}"}"""),
            Iam(3, "PutUserPolicy", $$"""{"userName":"a","policyName":"run","policyDocument":"{{Run}}"}"""),
            // Written again, and beside it what opens nothing more, or everything.
            Iam(4, "PutUserPolicy", $$"""{"userName":"a","policyName":"run","policyDocument":"{{Run}}"}"""),
            Iam(5, "PutUserPolicy", $$"""{"userName":"a","policyName":"read","policyDocument":"{{Harmless}}"}"""),
            Iam(6, "PutUserPolicy", $$"""{"userName":"b","policyName":"all","policyDocument":"{{Admin}}"}"""),
            Iam(7, "DeleteUserPolicy", """{"userName":"a","policyName":"pass"}"""),
            Iam(8, "PutUserPolicy", $$"""{"userName":"a","policyName":"pass","policyDocument":"{{Pass}}"}""")
        );

        Assert.Equal(["e3", "e8"], told);
    }

    [Theory]
    [InlineData("arn:aws:iam::aws:policy/SomethingNew", true)]
    [InlineData("arn:aws:iam::123456789012:policy/NeverSeen", false)]
    [InlineData("arn:aws:iam::123456789012:policy/x:iam::aws:policy/NeverSeen", false)]
    public void AddUserToGroup_SeenFromItsMakingOn_IsKnownToBeHarmlessOnlyIfEveryGrantIs(string policy, bool isHarmless)
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: false}, condition: s}",
            Iam(1, "CreateGroup", """{"groupName":"ops"}"""),
            Iam(2, "AttachGroupPolicy", $$"""{"groupName":"ops","policyArn":"{{policy}}"}"""),
            Iam(3, "AddUserToGroup", """{"userName":"a","groupName":"ops"}""")
        );

        Assert.Equal(isHarmless ? ["e3"] : [], told);
    }

    [Fact]
    public void DeleteKeyPair_ByItsId_LeavesNothingThatIsSo()
    {
        using var stage = new Stage(
            Matching.Load([("r.yml", Matching.RuleAround("{s: {eventName: RunInstances, detector.history.keyPairExists: true}, condition: s}"))])
        );
        using var batch = Stage.Batch([
            Record(1, "ec2.amazonaws.com", "CreateKeyPair", """{"keyName":"k"}""", """{"keyPairId":"key-1","keyFingerprint":"f"}"""),
            Ec2(2, "RunInstances", """{"keyName":"k"}"""),
            Ec2(3, "DeleteKeyPair", """{"keyPairId":"key-1"}"""),
            Ec2(4, "RunInstances", """{"keyName":"k"}"""),
        ]);

        stage.Send(batch);
        stage.End();

        Assert.Equal(["t@2 [e2]"], stage.Told);
        Assert.Equal(
            ["created", "named"],
            stage
                .Remembered.GroupBy(fact => (fact.Entity, fact.Name))
                .Where(facts => facts.MaxBy(fact => fact.Time)!.Value is null)
                .Select(facts => facts.Key.Name)
                .Order()
        );
    }

    [Fact]
    public void Lesson_OfTheSameSecond_IsKnown()
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}",
            Iam(1, "AddUserToGroup", """{"userName":"a","groupName":"ops"}"""),
            Iam(1, "AttachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""", id: "z")
        );

        Assert.Equal(["e1"], told);
    }

    [Theory]
    [InlineData("ops")]
    [InlineData("OPS")]
    public void UpdateGroup_ThatGivesTheNameItHas_ForgetsNothing(string newName)
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}",
            Iam(1, "AttachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""),
            Iam(2, "UpdateGroup", $$"""{"groupName":"ops","newGroupName":"{{newName}}","newPath":"/x/"}"""),
            Iam(3, "AddUserToGroup", """{"userName":"a","groupName":"ops"}""")
        );

        Assert.Equal(["e3"], told);
    }

    [Fact]
    public void UpdateGroup_ToAnotherName_KeepsItsGrantsAndItsMembers()
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.administrators|gt: 2}, condition: s}",
            Iam(1, "AttachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""),
            Iam(2, "AddUserToGroup", """{"userName":"a","groupName":"ops"}"""),
            Iam(3, "AddUserToGroup", """{"userName":"b","groupName":"Ops"}"""),
            Iam(4, "UpdateGroup", """{"groupName":"ops","newGroupName":"platform"}"""),
            Iam(5, "AddUserToGroup", """{"userName":"c","groupName":"ops"}"""),
            Iam(6, "AddUserToGroup", """{"userName":"c","groupName":"platform"}""")
        );

        Assert.Equal(["e6"], told);
    }

    [Fact]
    public void UpdateUser_ToAnotherName_LeavesItAsIdleAsItWas()
    {
        const int day = 86_400;
        var told = Play(
            "{s: {eventName: CreateAccessKey, detector.history.userIdleDays|gte: 90}, condition: s}",
            Iam(0, "CreateUser", """{"userName":"a"}"""),
            Iam(95 * day, "UpdateUser", """{"userName":"a","newUserName":"b"}"""),
            Iam(96 * day, "CreateAccessKey", """{"userName":"b"}"""),
            Iam(97 * day, "CreateAccessKey", """{"userName":"a"}""")
        );

        Assert.Equal([$"e{96 * day}"], told);
    }

    [Fact]
    public void UpdateUser_ToANameThatAnotherHad_IsNotTakenForTheOther()
    {
        const int day = 86_400;
        var told = Play(
            "{s: {eventName: CreateAccessKey, detector.history.userIdleDays|gte: 0}, condition: s}",
            Iam(0, "CreateUser", """{"userName":"a"}"""),
            Iam(10 * day, "DeleteUser", """{"userName":"b"}"""),
            Iam(95 * day, "UpdateUser", """{"userName":"a","newUserName":"b"}"""),
            Iam(96 * day, "CreateAccessKey", """{"userName":"b"}""")
        );

        Assert.Equal([$"e{96 * day}"], told);
    }

    /// <summary>Of two changes of one second nothing tells which came first but what was so before.</summary>
    [Theory]
    [InlineData(true, "a", "b", true)]
    [InlineData(true, "b", "a", true)]
    [InlineData(false, "a", "b", false)]
    [InlineData(false, "b", "a", false)]
    public void AttachAndDetach_OfTheSameSecond_LeaveWhatWas(bool wasAttached, string attach, string detach, bool isAttached)
    {
        const string request = """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""";
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}",
            Iam(0, "CreateGroup", """{"groupName":"ops"}"""),
            Iam(1, wasAttached ? "AttachGroupPolicy" : "DetachGroupPolicy", request),
            Iam(2, "AttachGroupPolicy", request, id: attach),
            Iam(2, "DetachGroupPolicy", request, id: detach),
            Iam(3, "AddUserToGroup", """{"userName":"a","groupName":"ops"}""")
        );

        Assert.Equal(isAttached ? ["e3"] : [], told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Group_DeletedAndMadeAnewInTheSameSecond_IsTheNewOneIfItWasThereBefore(bool wasThere)
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}",
            Iam(1, wasThere ? "CreateGroup" : "DeleteGroup", """{"groupName":"ops"}"""),
            Iam(2, "DeleteGroup", """{"groupName":"ops"}""", id: "a"),
            Iam(2, "CreateGroup", """{"groupName":"ops"}""", id: "b"),
            Iam(2, "AttachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""", id: "c"),
            Iam(3, "AddUserToGroup", """{"userName":"a","groupName":"ops"}""")
        );

        Assert.Equal(wasThere ? ["e3"] : [], told);
    }

    [Fact]
    public void AccessKey_UsedLongAfterItWasMade_IsMetOnceADay()
    {
        const int day = 86_400;
        var told = PlayWith(
            "{s: {userIdentity.accessKeyId|startswith: AKIA, detector.history.accessKeyAgeDays|gte: 90}, condition: s}",
            "detector: {sighting: {by: [userIdentity.accessKeyId], per: 1d}}",
            Iam(0, "CreateAccessKey", """{"userName":"a"}""", """{"accessKey":{"userName":"a","accessKeyId":"AKIA1","status":"Active"}}"""),
            Use(89 * day, "AKIA1"),
            Use(90 * day + 1, "AKIA1"),
            Use(90 * day + 2, "AKIA1"),
            Use(90 * day + 2, "AKIA2"),
            Use(91 * day + 2, "AKIA1")
        );

        Assert.Equal([$"e{90 * day + 1}", $"e{91 * day + 2}"], told);
    }

    [Fact]
    public void AccessKey_UsedAfterLongRest_IsMetWhenItWakes()
    {
        const int day = 86_400;
        var told = PlayWith(
            "{s: {userIdentity.accessKeyId|startswith: AKIA, detector.history.accessKeyIdleDays|gte: 60}, condition: s}",
            "detector: {sighting: {by: [userIdentity.accessKeyId], per: 1d}}",
            Use(0, "AKIA1"),
            Use(50 * day, "AKIA1"),
            Use(120 * day, "AKIA1"),
            Use(120 * day + 5, "AKIA1"),
            Use(121 * day, "AKIA1")
        );

        Assert.Equal([$"e{120 * day}"], told);
    }

    [Fact]
    public void AccessKeyOfTheCaller_InACallAboutAnother_IsTheCallers()
    {
        const int day = 86_400;
        var told = Play(
            "{s: {eventName: GetAccessKeyLastUsed, detector.history.callerKeyIdleDays|gte: 60}, condition: s}",
            Use(0, "AKIA1"),
            Iam(59 * day, "CreateAccessKey", """{"userName":"a"}""", """{"accessKey":{"userName":"a","accessKeyId":"AKIA2","status":"Active"}}"""),
            Ask(60 * day, "AKIA1", "AKIA2"),
            Ask(60 * day + 1, "AKIA2", "AKIA1")
        );

        Assert.Equal([$"e{60 * day}"], told);
    }

    [Fact]
    public void After_WhatHistoryTellsThen_Decides()
    {
        const int day = 86_400;
        var told = PlayWith(
            "{s: {eventName: [CreateKeyPair, ImportKeyPair]}, used: {detector.history.keyPairUsed: true}, there: {detector.history.keyPairExists: true}, condition: s and there and not used}",
            "detector: {after: 30d}",
            Ec2(1, "ImportKeyPair", """{"keyName":"used"}"""),
            Ec2(2, "CreateKeyPair", """{"keyName":"unused"}"""),
            Ec2(3, "CreateKeyPair", """{"keyName":"deleted"}"""),
            Ec2(10, "RunInstances", """{"keyName":"used"}"""),
            Ec2(20, "DeleteKeyPair", """{"keyName":"deleted"}"""),
            Ec2(20 * day, "CreateKeyPair", """{"keyName":"young"}"""),
            Ec2(31 * day, "RunInstances", """{"keyName":"unused"}""")
        );

        // The quiet year at the story's end is long enough for the young one too.
        Assert.Equal(["e2", $"e{20 * day}"], told);
    }

    [Fact]
    public void User_WithoutMfaADayLater_IsMet()
    {
        const int day = 86_400;
        var told = PlayWith(
            "{s: {eventName: CreateLoginProfile}, safe: {detector.history.mfaDevices|gte: 1}, gone: {detector.history.hasPassword: false}, condition: s and not (safe or gone)}",
            "detector: {after: 1d}",
            Iam(1, "CreateLoginProfile", """{"userName":"a"}"""),
            Iam(2, "CreateLoginProfile", """{"userName":"b"}"""),
            Iam(3, "CreateLoginProfile", """{"userName":"c"}"""),
            Iam(10, "EnableMFADevice", """{"userName":"A","serialNumber":"arn:aws:iam::1:mfa/a"}"""),
            Iam(11, "DeleteLoginProfile", """{"userName":"c"}"""),
            Iam(2 * day, "ListUsers", "null")
        );

        Assert.Equal(["e2"], told);
    }

    [Fact]
    public void Administrators_OverALimit_AreCounted()
    {
        var told = Play(
            "{s: {eventName: AttachUserPolicy, detector.history.administrators|gt: 2}, condition: s}",
            Attach(1, "a"),
            Attach(2, "b"),
            Iam(3, "DetachUserPolicy", """{"userName":"a","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""),
            Attach(4, "c"),
            Attach(5, "d"),
            Iam(6, "DeleteUser", """{"userName":"d"}"""),
            Attach(7, "b")
        );

        Assert.Equal(["e5"], told);
    }

    [Fact]
    public void Administrators_OfAGroup_AreItsMembersOnce()
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.administrators|gt: 2}, condition: s}",
            Iam(1, "AttachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""),
            Iam(2, "AddUserToGroup", """{"userName":"a","groupName":"Ops"}"""),
            Attach(3, "a"),
            Iam(4, "AddUserToGroup", """{"userName":"b","groupName":"ops"}"""),
            Iam(5, "AddUserToGroup", """{"userName":"c","groupName":"others"}"""),
            // A group whose members nobody has seen.
            Iam(6, "AttachGroupPolicy", """{"groupName":"old","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""),
            Iam(7, "AddUserToGroup", """{"userName":"c","groupName":"others"}"""),
            Iam(8, "RemoveUserFromGroup", """{"userName":"b","groupName":"ops"}"""),
            Iam(9, "AddUserToGroup", """{"userName":"c","groupName":"others"}""")
        );

        Assert.Equal(["e7"], told);
    }

    [Fact]
    public void User_WhoSignsInToTheConsole_IsNotIdle()
    {
        const int day = 86_400;
        var told = Play(
            "{s: {eventName: CreateAccessKey, detector.history.userIdleDays|gte: 90}, condition: s}",
            Iam(0, "CreateUser", """{"userName":"a"}"""),
            Iam(0, "CreateUser", """{"userName":"b"}""", id: "b"),
            SignIn(50 * day, "a", "Success"),
            SignIn(51 * day, "b", "Failure"),
            Iam(100 * day, "CreateAccessKey", """{"userName":"a"}"""),
            Iam(101 * day, "CreateAccessKey", """{"userName":"b"}"""),
            Iam(140 * day, "CreateAccessKey", """{"userName":"a"}""")
        );

        Assert.Equal([$"e{101 * day}", $"e{140 * day}"], told);
    }

    [Fact]
    public void UpdateTrail_IntoAnotherBucket_IsRedirected()
    {
        var told = Play(
            "{s: {eventName: UpdateTrail, detector.history.trailRedirected: true}, condition: s}",
            Trail(1, "CreateTrail", """{"name":"t","s3BucketName":"b1"}"""),
            Trail(2, "UpdateTrail", """{"name":"arn:aws:cloudtrail:us-east-1:1:trail/t","s3BucketName":"b1"}"""),
            Trail(3, "UpdateTrail", """{"name":"t","s3BucketName":"b2"}"""),
            Trail(4, "UpdateTrail", """{"name":"t"}""")
        );

        Assert.Equal(["e3"], told);
    }

    [Fact]
    public void Denied_Change_TeachesNothing()
    {
        var told = Play(
            "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}",
            Iam(1, "AttachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""")
                .Replace("\"responseElements\"", "\"errorCode\":\"AccessDenied\",\"responseElements\"", StringComparison.Ordinal),
            Iam(2, "AddUserToGroup", """{"userName":"a","groupName":"ops"}""")
        );

        Assert.Empty(told);
    }

    [Fact]
    public void Sightings_BehindACorrelation_CountOnceEach()
    {
        using var stage = new Stage(
            Matching.Load([
                (
                    "s.yml",
                    $"name: seen\n{Matching.RuleAround("{s: {userIdentity.accessKeyId|startswith: AKIA}, condition: s}")}\ndetector: {{sighting: {{by: [userIdentity.accessKeyId, sourceIPAddress], per: 1d}}}}"
                ),
                (
                    "c.yml",
                    "title: shared\nname: shared\ncorrelation: {type: value_count, rules: seen, group-by: [userIdentity.accessKeyId], timespan: 1h, condition: {field: sourceIPAddress, gte: 3}}"
                ),
            ])
        );

        foreach (var (second, address) in new[] { (1, "1.1.1.1"), (2, "1.1.1.1"), (3, "2.2.2.2"), (4, "2.2.2.2"), (5, "3.3.3.3"), (6, "3.3.3.3") })
        {
            using var batch = Stage.Batch([Use(second, "AKIA1", address)]);
            stage.Send(batch);
        }
        stage.End();

        Assert.Equal(["shared@5 AKIA1 [e1 e3 e5]"], stage.Told);
    }

    [Fact]
    public void Actor_OfAChainOfRoles_IsWhoeverBeganIt()
    {
        var told = Play(
            "{s: {eventName: DeleteTrail, detector.history.actor: 'arn:aws:iam::1:user/ann'}, condition: s}",
            Assume(1, """{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1"}""", "ASIA1"),
            Assume(2, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"), "ASIA2"),
            // The next in another account, whose own trail tells less.
            Assume(3, Session("ASIA2", "arn:aws:sts::1:assumed-role/b/x"), "ASIA3"),
            Assume(3, """{"type":"AWSAccount","principalId":"AROA2:x","accountId":"1"}""", "ASIA3", id: "other"),
            Act(4, Session("ASIA3", "arn:aws:sts::2:assumed-role/c/x")),
            Act(5, Session("ASIA4", "arn:aws:sts::2:assumed-role/c/x")),
            Act(6, """{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1"}""")
        );

        Assert.Equal(["e4", "e6"], told);
    }

    [Theory]
    // From another account whose trail is not read, somebody with a provider's account, and whoever opened a root session.
    [InlineData("""{"type":"AWSAccount","principalId":"AROA9:eve","accountId":"9"}""", "AROA9:eve")]
    [InlineData("""{"type":"SAMLUser","principalId":"x:ann@example.com","userName":"ann@example.com"}""", "ann@example.com")]
    [InlineData("""{"type":"WebIdentityUser","principalId":"p:c:repo","userName":"repo:o/r:ref:refs/heads/main"}""", "repo:o/r:ref:refs/heads/main")]
    [InlineData("""{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1"}""", "arn:aws:iam::1:user/ann")]
    public void Actor_OfASession_IsWhoeverWasGivenIt(string giver, string actor) =>
        Assert.Equal(
            ["e2"],
            Play(
                $"{{s: {{eventName: DeleteTrail, detector.history.actor: '{actor}'}}, condition: s}}",
                Assume(1, giver, "ASIA1"),
                Act(2, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"))
            )
        );

    [Fact]
    public void Actor_OfASessionWhoseBeginningWasNotSeen_IsItsSourceIdentityOrItself()
    {
        const string role = "arn:aws:sts::1:assumed-role/a/x";
        var told = Play(
            "{s: {eventName: DeleteTrail, detector.history.actor: ['ann', 'arn:aws:sts::1:assumed-role/a/x']}, condition: s}",
            Act(1, $$"""{"type":"AssumedRole","arn":"{{role}}","accountId":"1","accessKeyId":"ASIA1","sessionContext":{"sourceIdentity":"ann"} }"""),
            Act(2, Session("ASIA2", role)),
            Act(3, Session("ASIA3", "arn:aws:sts::1:assumed-role/b/x"))
        );

        Assert.Equal(["e1", "e2"], told);
    }

    [Fact]
    public void Actor_OfAServicesSession_IsTheSession()
    {
        const string role = "arn:aws:sts::1:assumed-role/a/i-1";
        var told = Play(
            $"{{s: {{eventName: DeleteTrail, detector.history.actor: '{role}'}}, condition: s}}",
            Assume(1, """{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}""", "ASIA1"),
            Act(2, Session("ASIA1", role))
        );

        Assert.Equal(["e2"], told);
    }

    [Fact]
    public void Actor_OfASessionThatAServiceTookForItsCaller_IsTheCaller()
    {
        var told = Play(
            "{s: {eventName: DeleteTrail, detector.history.actor: 'arn:aws:iam::1:user/ann'}, condition: s}",
            Assume(1, """{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1","invokedBy":"AWS Internal"}""", "ASIA1"),
            Act(2, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"))
        );

        Assert.Equal(["e2"], told);
    }

    [Fact]
    public void Actor_OfKeysThatGiveEachOther_Ends()
    {
        var told = Play(
            "{s: {eventName: DeleteTrail, detector.history.actor|exists: true}, condition: s}",
            Assume(1, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"), "ASIA2"),
            Assume(2, Session("ASIA2", "arn:aws:sts::1:assumed-role/a/x"), "ASIA1"),
            Act(3, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"))
        );

        Assert.Equal(["e3"], told);
    }

    [Fact]
    public void Correlation_ByActor_JoinsTheSessionsOfOnePerson()
    {
        var records = new[]
        {
            Assume(1, """{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1"}""", "ASIA1"),
            Assume(2, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"), "ASIA2"),
            Assume(2, """{"type":"IAMUser","arn":"arn:aws:iam::1:user/bob","accountId":"1","accessKeyId":"AKIA2"}""", "ASIA3", id: "other"),
            Act(3, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x")),
            Act(4, Session("ASIA2", "arn:aws:sts::2:assumed-role/b/x")),
            Act(5, Session("ASIA3", "arn:aws:sts::2:assumed-role/b/x")),
        };
        var rules = Matching.Load([
            ("s.yml", $"name: acts\n{Matching.RuleAround("{s: {eventName: DeleteTrail}, condition: s}")}"),
            (
                "c.yml",
                "title: both\nname: both\ncorrelation: {type: event_count, rules: acts, group-by: [detector.history.actor], timespan: 1h, condition: {gte: 2}}"
            ),
        ]);

        // In whatever order they come.
        foreach (var order in (string[][])[records, [.. records.Reverse()]])
        {
            using var stage = new Stage(rules, TimeSpan.FromDays(365));
            stage.Clock.Advance(TimeSpan.FromDays(400));
            foreach (var record in order)
            {
                using var batch = Stage.Batch([record]);
                stage.Send(batch);
            }
            stage.End();

            Assert.Equal(["both@4 arn:aws:iam::1:user/ann [e3 e4]"], stage.Told);
        }
    }

    [Fact]
    public void Alert_OfASession_TellsTheWayBackToThePerson()
    {
        var facts = Alert(
            Assume(1, """{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1"}""", "ASIA1"),
            Assume(2, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"), "ASIA2"),
            Act(3, Session("ASIA2", "arn:aws:sts::1:assumed-role/b/x"))
        );

        Assert.Equal("arn:aws:iam::1:user/ann (IAM user) → a/x → b/x", PlainText.Chain(facts.Behind!));
        Assert.Equal(["ASIA1", "ASIA2"], facts.Behind!.Sessions.Select(session => session.AccessKeyId));
        Assert.Equal([Stage.Start.AddSeconds(1), Stage.Start.AddSeconds(2)], facts.Behind.Sessions.Select(session => session.Begun));
    }

    [Fact]
    public void Alert_OfASessionWhoseKeyOneAccountTellsAndWhoseGiverTheOther_JoinsThemBySharedEventId()
    {
        const string shared = "\"sharedEventID\":\"s1\",";
        var facts = Alert(
            Assume(1, """{"type":"AWSAccount","principalId":"AROA2:x","accountId":"1"}""", "ASIA1").Insert(1, shared),
            Record(
                    1,
                    "sts.amazonaws.com",
                    "AssumeRole",
                    "null",
                    "null",
                    """{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1"}""",
                    id: "own"
                )
                .Insert(1, shared),
            Act(3, Session("ASIA1", "arn:aws:sts::2:assumed-role/b/x"))
        );

        Assert.Equal("arn:aws:iam::1:user/ann (IAM user) → b/x", PlainText.Chain(facts.Behind!));
    }

    [Theory]
    [InlineData(
        """{"type":"WebIdentityUser","principalId":"p:c:repo","userName":"repo:o/r:ref:refs/heads/main","identityProvider":"arn:aws:iam::1:oidc-provider/ci.example"}""",
        "repo:o/r:ref:refs/heads/main (OIDC subject of arn:aws:iam::1:oidc-provider/ci.example) → a/x"
    )]
    [InlineData(
        """{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/web/i-0abc","accountId":"1","accessKeyId":"ASIA0","sessionContext":{"ec2RoleDelivery":"2.0"} }""",
        "arn:aws:sts::1:assumed-role/web/i-0abc (EC2 instance) → a/x"
    )]
    [InlineData(
        """{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/web/i-0abc","accountId":"1","accessKeyId":"ASIA0"}""",
        "arn:aws:sts::1:assumed-role/web/i-0abc (session, its beginning not seen) → a/x"
    )]
    public void Alert_OfASession_TellsWhatStandsBehindIt(string giver, string chain) =>
        Assert.Equal(chain, PlainText.Chain(Alert(Assume(1, giver, "ASIA1"), Act(2, Session("ASIA1", "arn:aws:sts::1:assumed-role/a/x"))).Behind!));

    [Fact]
    public void Alert_OfAUser_HasNobodyBehind() =>
        Assert.Null(Alert(Act(1, """{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accountId":"1","accessKeyId":"AKIA1"}""")).Behind);

    [Fact]
    public void Policies_WrittenAndDeletedWithoutEnd_FillNeitherMemoryNorLedgerAndHideNothing()
    {
        using var stage = new Stage(
            Matching.Load([("r.yml", Matching.RuleAround("{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}"))])
        );
        Send(Iam(1, "AttachGroupPolicy", """{"groupName":"ops","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"""));
        for (var second = 2; second < 3_000; second += 2)
        {
            Send(
                Iam(second, "PutGroupPolicy", $$"""{"groupName":"ops","policyName":"p{{second}}","policyDocument":"{{Harmless}}"}"""),
                Iam(second + 1, "DeleteGroupPolicy", $$"""{"groupName":"ops","policyName":"p{{second}}"}""")
            );
        }

        Assert.InRange(stage.Remembered.Count(), 900, 1_000);
        stage.Restart();
        Send(Iam(4_000, "AddUserToGroup", """{"userName":"a","groupName":"ops"}"""));
        stage.End();
        Assert.Equal(["t@4000 [e4000]"], stage.Told);

        void Send(params string[] records)
        {
            using var batch = Stage.Batch(records);
            stage.Send(batch);
        }
    }

    /// <summary>The facts of the one alert of a rule that asks for no history, and so alerts at once.</summary>
    private static AlertFacts Alert(params string[] records)
    {
        using var batch = Stage.Batch(records);
        var replay = new Replay(Matching.Load([("r.yml", Matching.RuleAround("{s: {eventName: DeleteTrail}, condition: s}"))]));
        return Assert.Single(replay.Conclude([replay.Try(batch)]).Alerts).Facts;
    }

    private static string Session(string key, string arn) => $$"""{"type":"AssumedRole","arn":"{{arn}}","accountId":"1","accessKeyId":"{{key}}"}""";

    private static string Assume(int second, string giver, string key, string? id = null) =>
        Record(second, "sts.amazonaws.com", "AssumeRole", "null", $$"""{"credentials":{"accessKeyId":"{{key}}"} }""", giver, id: id);

    private static string Act(int second, string identity) => Record(second, "cloudtrail.amazonaws.com", "DeleteTrail", "null", "null", identity);

    private static List<string> Play(string detection, params string[] records) => PlayWith(detection, "", records);

    private static List<string> PlayWith(string detection, string extras, params string[] records)
    {
        var rule = $"{Matching.RuleAround(detection)}\n{extras}";
        // In order, backwards, and one batch each: what is told is the same.
        var tellings = new[] { records, [.. records.Reverse()] }
            .Select(order =>
            {
                using var stage = new Stage(Matching.Load([("r.yml", rule)]), TimeSpan.FromDays(365));
                stage.Clock.Advance(TimeSpan.FromDays(400));
                foreach (var record in order)
                {
                    using var batch = Stage.Batch([record]);
                    stage.Send(batch);
                }
                using var all = Stage.Batch(records);
                stage.Send(all);
                stage.End();
                return stage.Told.Select(told => told[(told.IndexOf('[', StringComparison.Ordinal) + 1)..^1]).ToList();
            })
            .ToArray();
        Assert.Equal(tellings[0], tellings[1]);
        return tellings[0];
    }

    private static string Attach(int second, string user) =>
        Iam(second, "AttachUserPolicy", $$"""{"userName":"{{user}}","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""");

    private static string Iam(int second, string name, string request, string response = "null", string? id = null) =>
        Record(second, "iam.amazonaws.com", name, request, response, id: id);

    private static string Ec2(int second, string name, string request) => Record(second, "ec2.amazonaws.com", name, request, "null");

    private static string Trail(int second, string name, string request) => Record(second, "cloudtrail.amazonaws.com", name, request, "null");

    private static string SignIn(int second, string user, string answer) =>
        Record(
            second,
            "signin.amazonaws.com",
            "ConsoleLogin",
            "null",
            $$"""{"ConsoleLogin":"{{answer}}"}""",
            $$"""{"type":"IAMUser","userName":"{{user}}","accountId":"1"}"""
        );

    private static string Use(int second, string key, string address = "1.1.1.1") =>
        Record(
            second,
            "s3.amazonaws.com",
            "ListBuckets",
            "null",
            "null",
            $$"""{"type":"IAMUser","userName":"a","accountId":"1","accessKeyId":"{{key}}"}""",
            address
        );

    private static string Ask(int second, string key, string about) =>
        Record(
            second,
            "iam.amazonaws.com",
            "GetAccessKeyLastUsed",
            $$"""{"accessKeyId":"{{about}}"}""",
            "null",
            $$"""{"type":"IAMUser","userName":"a","accountId":"1","accessKeyId":"{{key}}"}"""
        );

    private static string Record(
        int second,
        string source,
        string name,
        string request,
        string response,
        string identity = """{"type":"Root","accountId":"1"}""",
        string address = "1.1.1.1",
        string? id = null
    ) =>
        $$"""{"eventID":"{{id ?? $"e{second}"}}","eventSource":"{{source}}","eventName":"{{name}}","eventTime":"{{Stage.Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ}}","awsRegion":"us-east-1","recipientAccountId":"1","sourceIPAddress":"{{address}}","userIdentity":{{identity}},"requestParameters":{{request}},"responseElements":{{response}}}""";
}
