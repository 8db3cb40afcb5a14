using Detector.Core.Detection.History;
using Detector.Core.Rules.Fields;
using FsCheck.Fluent;

namespace Detector.Tests.Rules.Fields;

/// <summary>The number of administrators that is kept up is the one that is counted.</summary>
public sealed class AdministratorCountsTests
{
    private const string Everything = """{"administration":"Everything"}""";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Accounts = ["1", "2", "1 x"];

    private static readonly string[] Kinds = ["user", "group", "role"];

    private static readonly string[] Policies =
    [
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/NobodyKnows",
        "arn:aws:iam::1:policy/A",
        "arn:aws:iam::1:policy/b c",
    ];

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(12)] // so little is kept that most is forgotten
    public void Administrators_WhateverIsLearnedAndForgotten_AsManyAsAreCounted(int most) =>
        Property.Holds(
            Gen.Choose(0, int.MaxValue - 1).ArrayOf(80),
            story =>
            {
                var memory = new Memory(most: most);
                foreach (var (second, number) in story.Index())
                {
                    memory.Learn(Learned(number, second));
                    foreach (var account in Accounts)
                    {
                        var now = new Past(memory, Start.AddSeconds(second));

                        Assert.Equal(KnownGrants.Counted(now, account), KnownGrants.Administrators(now, account));

                        var before = now with { Now = now.Now.AddSeconds(-5) };
                        Assert.Equal(KnownGrants.Counted(before, account), KnownGrants.Administrators(before, account));
                    }
                }
            },
            300
        );

    [Fact]
    public void Administrators_TenThousandRoles_AreNotGoneThroughWithEachGrant()
    {
        var memory = new Memory();
        for (var role = 0; role < 10_000; role++)
        {
            memory.Learn(new LearnedFact($"role 1 r{role}", "inline:p", Everything, Start.AddSeconds(role)));
        }
        var now = Start.AddDays(1);
        Assert.Equal(10_000, KnownGrants.Administrators(new Past(memory, now), "1"));
        memory.Learn(new LearnedFact("role 1 r7", "inline:p", null, now));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(9_999, KnownGrants.Administrators(new Past(memory, now), "1"));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Fact]
    public void Administrators_MoreRolesThanAreKept_AreThoseThatAreNotForgotten()
    {
        var memory = new Memory(most: 2_500);
        for (var role = 0; role < 9_000; role++)
        {
            memory.Learn(new LearnedFact($"role 1 r{role}", "inline:p", Everything, Start.AddSeconds(role)));
            if (role % 4_000 == 0)
            {
                Check(role);
            }
        }
        Check(9_000);

        void Check(int role)
        {
            var now = new Past(memory, Start.AddSeconds(role));
            Assert.Equal(KnownGrants.Counted(now, "1"), memory.Administrators("1", now.Now));
        }
    }

    [Fact]
    public void Administrators_AfterWhatIsNoGrant_NeedNotBeCounted()
    {
        var memory = new Memory();
        memory.Learn(new LearnedFact("user 1 a", "inline:p", Everything, Start));
        memory.Learn(new LearnedFact("user 1 a", "seen", "", Start.AddDays(300)));

        Assert.Equal(1, memory.Administrators("1", Start.AddDays(1)));
        Assert.Null(memory.Administrators("1", Start.AddDays(-1)));
    }

    /// <summary>Grants of all kinds to a few users, roles and groups, some late; what they hold is taken away, made anew, or turned into something else.</summary>
    private static LearnedFact Learned(int number, int second)
    {
        var time = Start.AddSeconds(number % 10 == 0 ? second - number / 3 % 10 : second);
        var who = $"{Accounts[number / 7 % Accounts.Length]} n{number / 11 % 3}";
        var policy = Policies[number / 13 % Policies.Length];
        var isSo = number / 17 % 3 > 0;
        var allows = number / 19 % 2 > 0 ? Everything : """{"withoutCondition":true}""";
        var identity = $"{Kinds[number / 23 % Kinds.Length]} {who}";
        return (number / 29 % 7) switch
        {
            0 => new LearnedFact($"user {who}", $"group:n{number / 31 % 3}", isSo ? "" : null, time),
            1 or 2 => new LearnedFact(identity, $"policy:{policy}", isSo ? "" : null, time),
            3 => new LearnedFact(identity, $"inline:p{number / 31 % 2}", isSo ? allows : null, time),
            4 => new LearnedFact(Entity.Policy(policy), $"version:v{number / 31 % 2}", isSo ? allows : null, time),
            5 => new LearnedFact(Entity.Policy(policy), "default", $"v{number / 31 % 2}", time),
            _ => new LearnedFact(number / 37 % 2 > 0 ? identity : Entity.Policy(policy), isSo ? Entity.Created : Entity.Gone, "", time),
        };
    }
}
