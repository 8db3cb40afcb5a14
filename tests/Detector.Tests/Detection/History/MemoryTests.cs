using Detector.Core.Detection.History;
using FsCheck.Xunit;

namespace Detector.Tests.Detection.History;

/// <summary>What is learned is bounded, whoever makes it grow, and what is forgotten for it is what matters least.</summary>
public sealed class MemoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<FactKey> _forgotten = [];

    [Fact]
    public void Learn_MoreSessionsThanAreKept_ForgetsThoseThatBeganFirstAndNothingElse()
    {
        var memory = new Memory(_forgotten.Add, most: 10, mostSessions: 100);
        memory.Learn(Fact("group 1 ops", "policy:admin", 0));
        memory.Learn(Fact("session early", "given", 3));

        for (var second = 4; second < 1_000; second++)
        {
            Assert.True(memory.Learn(Fact($"session {second}", "given", second)));
        }
        Assert.True(memory.Learn(Fact("session late", "given", 2)));

        Assert.NotNull(Find(memory, "group 1 ops", "policy:admin"));
        Assert.Equal(
            ["session late", .. Enumerable.Range(901, 99).Select(second => $"session {second}")],
            new[] { "session early", "session late" }
                .Concat(Enumerable.Range(4, 996).Select(second => $"session {second}"))
                .Where(name => Find(memory, name, "given") is not null)
        );
        Assert.Equal(["session early", .. Enumerable.Range(4, 897).Select(second => $"session {second}")], _forgotten.Select(fact => fact.Entity));
        Assert.False(memory.IsCrowded);
    }

    [Fact]
    public void Learn_LongAfterSessionsEnded_ForgetsThem()
    {
        var memory = new Memory(_forgotten.Add);
        LearnedFact old = Fact("session old", "given", 0),
            next = Fact("session next", "given", 1);
        memory.Learn(old);
        memory.Learn(next);
        memory.Learn(Fact("user 1 a", "created", 0));

        memory.Learn(old with { Entity = "session new", Time = next.Time + LearnedFact.SessionKept });

        Assert.Equal([old.Key], _forgotten);
    }

    [Fact]
    public void Learn_PoliciesWrittenAndDeletedWithoutEnd_KeepsWhatIsSoAndWhatWasLast()
    {
        var memory = new Memory(_forgotten.Add);
        memory.Learn(Fact("role 1 r", "created", 0));
        memory.Learn(Fact("role 1 r", "policy:admin", 1));
        for (var second = 2; second < 20_000; second += 2)
        {
            Assert.True(memory.Learn(Fact("role 1 r", $"inline:{second:D5}", second, "{}")));
            Assert.True(memory.Learn(Fact("role 1 r", $"inline:{second:D5}", second + 1, null)));
        }

        Assert.Equal(["policy:admin"], memory.Of("role 1 r", "", DateTimeOffset.MaxValue).Select(fact => fact.Name));
        Assert.Equal("{}", memory.Find("role 1 r", "inline:19998", Start.AddSeconds(19_998))!.Value.Value);
        Assert.InRange(20_000 - _forgotten.Count, EntityFacts.DefaultMost * 9 / 10, EntityFacts.DefaultMost);
        Assert.Equal(_forgotten.Count, _forgotten.Distinct().Count());
    }

    [Fact]
    public void Learn_OnePolicyAttachedAndDetachedWithoutEnd_KeepsTheLast()
    {
        var memory = new Memory(_forgotten.Add);
        for (var second = 0; second <= 20_000; second++)
        {
            memory.Learn(Fact("role 1 r", "policy:admin", second, second % 2 == 0 ? "" : null));
        }

        Assert.NotNull(Find(memory, "role 1 r", "policy:admin"));
        Assert.Null(memory.Find("role 1 r", "policy:admin", Start.AddSeconds(19_999))!.Value.Value);
        Assert.InRange(20_001 - _forgotten.Count, EntityFacts.DefaultMost * 9 / 10, EntityFacts.DefaultMost);
    }

    [Fact]
    public void Learn_LargePolicies_CountByTheirSize()
    {
        var memory = new Memory(_forgotten.Add);
        for (var second = 0; second < 1_000; second += 2)
        {
            memory.Learn(Fact("role 1 r", $"inline:{second:D5}", second, new string('x', 10_000)));
            memory.Learn(Fact("role 1 r", $"inline:{second:D5}", second + 1, null));
        }

        Assert.InRange(1_000 - _forgotten.Count, 2 * 20, 2 * 26);
    }

    [Fact]
    public void Learn_AFactLargerThanAllMayBe_IsNotKeptAndHarmsNothing()
    {
        var memory = new Memory(_forgotten.Add, most: 100);
        var huge = Fact("role 1 huge", "inline:x", 0, new string('x', 300_000));

        Assert.False(memory.Learn(huge));
        for (var second = 1; second <= 200; second++)
        {
            Assert.True(memory.Learn(Fact($"role 1 {second}", "created", second)));
        }

        Assert.Equal(huge.Key, _forgotten[0]);
        Assert.DoesNotContain("role 1 huge", memory.Entities("role "));
    }

    [Fact]
    public void Learn_SoMuchThatWhatWasAWhileAgoIsForgotten_DoesNotClaimToKnowItFromItsMakingOn()
    {
        var memory = new Memory(_forgotten.Add);
        memory.Learn(Fact("group 1 g", "created", 0));
        memory.Learn(Fact("group 1 g", "policy:admin", 1));
        memory.Learn(Fact("group 1 g", "policy:admin", 3, null));
        Assert.NotNull(memory.Find("group 1 g", "created", Start.AddSeconds(2)));
        for (var second = 4; second < 1_100; second += 2)
        {
            memory.Learn(Fact("group 1 g", $"inline:{second}", second, "{}"));
            memory.Learn(Fact("group 1 g", $"inline:{second}", second + 1, null));
        }

        Assert.Null(memory.Find("group 1 g", "policy:admin", Start.AddSeconds(2)));
        Assert.Null(memory.Find("group 1 g", "created", Start.AddSeconds(2)));
        // Wherever a ledger is cut off, it does not know more of the making than of the grants.
        Assert.Equal("created", _forgotten[0].Name);
    }

    [Fact]
    public void Learn_MoreGrantsOfOneThanThereCanBe_DoesNotClaimToKnowItFromItsMakingOn()
    {
        var memory = new Memory();
        memory.Learn(Fact("group 1 g", "created", 0));
        for (var second = 1; second < 2_000; second++)
        {
            memory.Learn(Fact("group 1 g", $"policy:{second}", second));
        }

        Assert.Null(Find(memory, "group 1 g", "created"));
        Assert.NotNull(Find(memory, "group 1 g", "policy:1999"));
    }

    [Fact]
    public void Learn_RolesMadeAndDeletedWithoutEnd_ForgetsThemAndNothingThatIs()
    {
        var memory = new Memory(_forgotten.Add, most: 100);
        memory.Learn(Fact("group 1 ops", "policy:admin", 0));
        memory.Learn(Fact("user 1 again", "gone", 1));
        memory.Learn(Fact("user 1 again", "created", 2));

        for (var second = 3; second < 10_000; second += 2)
        {
            memory.Learn(Fact($"role 1 {second}", "created", second));
            memory.Learn(Fact($"role 1 {second}", "gone", second + 1));
        }

        Assert.Equal(["group 1 ops"], memory.Entities("group "));
        Assert.NotNull(Find(memory, "user 1 again", "created"));
        Assert.InRange(memory.Entities("role ").Count(), 40, 50);
        Assert.False(memory.IsCrowded);
    }

    [Fact]
    public void Learn_MoreThanIsKeptOfWhatIs_ForgetsTheEntitiesThatWereTouchedLongestAgoWhole()
    {
        var memory = new Memory(_forgotten.Add, most: 100);
        memory.Learn(Fact("group 1 quiet", "created", 0));
        memory.Learn(Fact("group 1 quiet", "policy:admin", 1));
        memory.Learn(Fact("key AKIA", "created", 0));
        for (var second = 2; second < 103; second++)
        {
            memory.Learn(Fact($"role 1 {second}", "created", second));
            memory.Learn(Fact("key AKIA", "used", second));
        }

        Assert.True(memory.IsCrowded);
        Assert.Empty(memory.Entities("group "));
        Assert.NotNull(Find(memory, "key AKIA", "created"));
        Assert.Contains(Fact("group 1 quiet", "policy:admin", 1).Key, _forgotten);
    }

    [Fact]
    public void Learn_WhatIsForgottenAtOnce_IsNoNews()
    {
        var memory = new Memory(_forgotten.Add);
        memory.Learn(Fact("user 1 a", "password", 10));
        memory.Learn(new LearnedFact("user 1 a", "password", null, Start.AddSeconds(10) + LearnedFact.Kept));

        Assert.False(memory.Learn(Fact("user 1 a", "password", 9)));

        // A ledger may hold it still.
        Assert.Equal([Fact("user 1 a", "password", 9).Key], _forgotten);
    }

    /// <summary>However little is kept: what is so now is known, unless it was crowded out, nothing that was comes back, and the ledger that was told holds the same.</summary>
    [Property(MaxTest = 500)]
    public void Learn_AnythingInOrder_AnswersAsOneThatForgetsNothingAndTheLedgerHoldsTheSame(Lesson[] lessons, byte limit)
    {
        var ledger = new Dictionary<FactKey, LearnedFact>();
        Memory all = new(),
            few = new(key => Assert.True(ledger.Remove(key)), most: 10 + limit % 64, mostSessions: 1_000);
        var facts = lessons.Select((lesson, n) => lesson.Fact(n)).ToArray();

        foreach (var fact in facts)
        {
            all.Learn(fact);
            ledger[fact.Key] = fact; // before: what is forgotten for it may be itself
            if (!few.Learn(fact))
            {
                ledger.Remove(fact.Key);
            }
        }

        var again = new Memory();
        foreach (var fact in ledger.Values.OrderBy(fact => fact.Key.ToString(), StringComparer.Ordinal))
        {
            again.Learn(fact);
        }
        foreach (var entity in facts.Select(fact => fact.Entity).Distinct())
        {
            var known = few.Of(entity, "", DateTimeOffset.MaxValue).ToList();
            Assert.Equal(known, again.Of(entity, "", DateTimeOffset.MaxValue));
            var so = all.Of(entity, "", DateTimeOffset.MaxValue).ToList();
            Assert.Equal(few.IsCrowded ? so.Intersect(known) : so, known);
        }
    }

    private static (string, DateTimeOffset)? Find(Memory memory, string entity, string name) =>
        memory.Find(entity, name, DateTimeOffset.MaxValue) is { Value: { } value, Time: var time } ? (value, time) : null;

    private static LearnedFact Fact(string entity, string name, int second, string? value = "") => new(entity, name, value, Start.AddSeconds(second));

    /// <summary>Something that comes to be so, or is so no more, of few names and entities.</summary>
    public sealed record Lesson(byte Whom, byte What, bool IsSo)
    {
        public LearnedFact Fact(int hour) =>
            new($"role 1 {Whom % 7}", What % 8 == 0 ? "gone" : $"policy:{What % 8}", IsSo || What % 8 == 0 ? "" : null, Start.AddHours(hour));
    }
}
