using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Microsoft.Extensions.Time.Testing;
using static Detector.Tests.Delivery.Offers;

namespace Detector.Tests.Delivery;

/// <summary>What every ledger promises.</summary>
public abstract class LedgerContract : IAsyncLifetime
{
    private protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private protected FakeTimeProvider Time { get; } = new StandingClock();

    private protected ILedger Ledger { get; private set; } = null!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract ILedger Open();

    /// <summary>Has the ledger forget what it forgets in its own time, if it does not at once.</summary>
    private protected virtual Task PruneAsync() => Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        Ledger = Open();
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<IReadOnlyList<DispatchKey>> Accept(params OutboxEntry[] entries) => await Ledger.AcceptAsync(entries, Cancel);

    private protected async Task<IReadOnlyList<Dispatch>> Claim(string sink = "slack", int max = 10) => await Ledger.ClaimAsync(sink, max, Lease, Cancel);

    private protected async Task Settle(string name, SinkOutcome outcome, DateTimeOffset? dueAt = null, string sink = "slack") =>
        await Ledger.SettleAsync(Key(name, sink), new Settlement(outcome, "why", dueAt), Cancel);

    private protected async Task<List<LedgerAlert>> Read(AlertQuery? query = null) =>
        await Ledger.ReadAlertsAsync(query ?? AlertQuery.All, Cancel).ToListAsync(Cancel);

    private protected async Task<OutboxState> State(string? sink = null) => await Ledger.StateAsync(sink, Cancel);

    private protected async Task<List<JournaledHit>> Journal() => await Ledger.ReadJournalAsync(Cancel).ToListAsync(Cancel);

    private protected static HitKey KeyOf(string rule, string name, string correlation = "c") => new(correlation, rule, Event(name));

    private protected static JournaledHit Hit(string rule, string name, DateTimeOffset time) =>
        new(KeyOf(rule, name), time, "{\"a\":1}"u8.ToArray(), "queue/7", 2);

    [Fact]
    public async Task Accept_NewAlert_OpensOneDeliveryPerSink()
    {
        var open = await Accept(Offer("a", "slack sns"));

        Assert.Equal([Key("a", "slack"), Key("a", "sns")], open);
        Assert.Equal(new OutboxState(2, Noon), await State());
    }

    [Fact]
    public async Task Accept_NoSink_RemembersAndOpensNothing()
    {
        var open = await Accept(Offer("a", ""));
        await Accept(Offer("a", "", raisedBy: "another"));
        await Accept(Offer("b"));

        Assert.Empty(open);
        Assert.Equal(1, Assert.Single(await Claim()).Suppressed);
    }

    [Fact]
    public async Task Accept_Nothing_OpensNothing()
    {
        var open = await Accept();

        Assert.Empty(open);
        Assert.Equal(new OutboxState(0, null), await State());
    }

    [Fact]
    public async Task Accept_KnownAlert_ReturnsWhatIsStillOpenAndOpensNothingAgain()
    {
        await Accept(Offer("a", "slack sns"));
        await Claim("sns");
        await Settle("a", SinkOutcome.Delivered, sink: "sns");

        var open = await Accept(Offer("a", "slack sns"));

        Assert.Equal([Key("a", "slack")], open);
        Assert.Equal(1, (await State()).Pending);
    }

    [Theory]
    [InlineData(SinkOutcome.Delivered)]
    [InlineData(SinkOutcome.Refused)]
    public async Task Accept_SettledAlert_ReturnsNothing(SinkOutcome outcome)
    {
        await Accept(Offer("a"));
        await Claim();
        await Settle("a", outcome);

        var open = await Accept(Offer("a"));

        Assert.Empty(open);
        Assert.Empty(await Claim());
    }

    [Fact]
    public async Task Accept_KnownAlertForASinkNotNamedBefore_OpensThatDelivery()
    {
        await Accept(Offer("a"));
        await Claim();
        await Settle("a", SinkOutcome.Delivered);

        var open = await Accept(Offer("a", "slack sns"));

        Assert.Equal([Key("a", "sns")], open);
    }

    [Fact]
    public async Task Accept_SameAlertTwiceInOneCall_OpensItOnceAndCountsTheOtherEvent()
    {
        var open = await Accept(Offer("a"), Offer("a", raisedBy: "another"));
        await Accept(Offer("b"));

        Assert.Equal([Key("a", "slack")], open);
        Assert.Equal([0, 1], (await Claim()).Select(dispatch => dispatch.Suppressed));
    }

    [Fact]
    public async Task Accept_SameEventDeliveredAgain_IsNotCounted()
    {
        await Accept(Offer("a", raisedBy: "one"));
        foreach (var again in (string[])["one", "two", "two", "one", "two", "three"])
            await Accept(Offer("a", raisedBy: again));

        await Accept(Offer("b"));

        Assert.Equal([0, 2], (await Claim()).Select(dispatch => dispatch.Suppressed));
    }

    [Fact]
    public async Task Accept_NextAlertOfTheSubject_TakesTheCountOnce()
    {
        await Accept(Offer("a"), Offer("a", raisedBy: "two"));
        await Accept(Offer("b"), Offer("a", raisedBy: "three"), Offer("b", raisedBy: "four"));

        await Accept(Offer("c"), Offer("d"));

        Assert.Equal([0, 1, 2, 0], (await Claim()).Select(dispatch => dispatch.Suppressed));
    }

    [Fact]
    public async Task Accept_OtherRuleOrGroup_TakesNoCountOfTheFirst()
    {
        await Accept(Offer("a", group: "bob"), Offer("a", raisedBy: "two", group: "bob"));

        await Accept(Offer("b", group: "eve"), Offer("c"), Offer("d", rule: "rule-b", group: "bob"), Offer("e", group: "bob"));

        Assert.Equal([0, 0, 0, 0, 1], (await Claim()).Select(dispatch => dispatch.Suppressed));
    }

    [Fact]
    public async Task Claim_DueDelivery_GivesTheWholeAlert()
    {
        var offer = Offer("a");
        await Accept(offer);

        var dispatch = Assert.Single(await Claim());

        Assert.Equal(AlertJson.Write(offer.Alert), AlertJson.Write(dispatch.Alert));
        Assert.Equal(("slack", 1), (dispatch.Sink, dispatch.Attempt));
    }

    [Fact]
    public async Task Claim_ManyDue_GivesTheOldestFirstUpToMax()
    {
        await Accept(Offer("c"));
        await Accept(Offer("a"), Offer("d"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Accept(Offer("b"));

        var first = await Claim(max: 3);
        var rest = await Claim(max: 3);

        Assert.Equal([IdOf("c"), IdOf("a"), IdOf("d")], first.Select(dispatch => dispatch.Alert.Id));
        Assert.Equal([IdOf("b")], rest.Select(dispatch => dispatch.Alert.Id));
    }

    [Fact]
    public async Task Claim_AnotherSink_FindsOnlyItsOwn()
    {
        await Accept(Offer("a", "slack"), Offer("b", "sns"));

        var claimed = await Claim("sns");

        Assert.Equal([IdOf("b")], claimed.Select(dispatch => dispatch.Alert.Id));
        Assert.Empty(await Claim("unheard-of"));
    }

    [Fact]
    public async Task Claim_Leased_GivesItAgainOnlyWhenTheLeaseIsOver()
    {
        await Accept(Offer("a"));
        await Claim();

        Time.Advance(Lease - TimeSpan.FromTicks(1));
        var during = await Claim();
        Time.Advance(TimeSpan.FromTicks(1));
        var after = await Claim();

        Assert.Empty(during);
        Assert.Equal(2, Assert.Single(after).Attempt);
    }

    [Fact]
    public async Task Settle_Retry_IsDueAgainAtItsTime()
    {
        await Accept(Offer("a"));
        await Claim();

        await Settle("a", SinkOutcome.Retry, Noon.AddMinutes(30));

        Assert.Equal(new OutboxState(1, Noon.AddMinutes(30)), await State("slack"));
        Assert.Empty(await Claim());
        Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(2, Assert.Single(await Claim()).Attempt);
    }

    [Fact]
    public async Task Settle_RetryWithoutTime_IsDueAtOnce()
    {
        await Accept(Offer("a"));
        await Claim();

        await Settle("a", SinkOutcome.Retry);

        Assert.Equal(2, Assert.Single(await Claim()).Attempt);
    }

    [Fact]
    public async Task Settle_WhatIsSettled_StaysSettled()
    {
        await Accept(Offer("a"));
        await Claim();
        await Settle("a", SinkOutcome.Delivered);

        await Settle("a", SinkOutcome.Retry);

        Assert.Equal(new OutboxState(0, null), await State());
    }

    [Fact]
    public async Task Settle_Unknown_ChangesNothing()
    {
        await Accept(Offer("a"));

        await Settle("b", SinkOutcome.Delivered);
        await Settle("a", SinkOutcome.Delivered, sink: "sns");

        Assert.Equal(1, (await State()).Pending);
    }

    [Fact]
    public async Task SettleAll_SomeSettledSomeUnknown_SettlesTheOthers()
    {
        await Accept(Offer("a"), Offer("b"), Offer("c"));
        await Claim();
        await Settle("a", SinkOutcome.Refused);

        await Ledger.SettleAllAsync([Key("a", "slack"), Key("b", "slack"), Key("x", "slack")], new Settlement(SinkOutcome.Delivered), Cancel);

        Assert.Equal(1, (await State()).Pending);
        Assert.Equal(
            [("a", DeliveryState.Refused), ("b", DeliveryState.Delivered), ("c", DeliveryState.Pending)],
            new[] { "a", "b", "c" }.Zip((await Read()).AsEnumerable().Reverse(), (name, alert) => (name, Assert.Single(alert.Deliveries).State))
        );
    }

    [Fact]
    public async Task Gather_ClaimedDeliveries_AreDueTogetherWhateverMaxIs()
    {
        await Accept(Offer("a", "slack sns"), Offer("b"), Offer("c"), Offer("d"));
        await Claim();
        await Settle("d", SinkOutcome.Retry);

        await Ledger.GatherAsync(IdOf("digest"), [Key("a", "slack"), Key("b", "slack"), Key("c", "slack")], Noon.AddMinutes(1), Cancel);

        Assert.Equal([(IdOf("d"), null)], (await Claim()).Select(dispatch => (dispatch.Alert.Id, dispatch.Digest)));
        Time.Advance(TimeSpan.FromMinutes(1));
        var claimed = (await Claim(max: 1)).Where(dispatch => dispatch.Alert.Id != IdOf("d")).ToList();
        Assert.Equal([IdOf("a"), IdOf("b"), IdOf("c")], claimed.Select(dispatch => dispatch.Alert.Id));
        Assert.All(claimed, dispatch => Assert.Equal((IdOf("digest"), 2), (dispatch.Digest, dispatch.Attempt)));
        Assert.DoesNotContain(await Claim(), dispatch => dispatch.Digest is not null);
        Assert.Null(Assert.Single(await Claim("sns")).Digest);
    }

    [Fact]
    public async Task Gather_WhatIsInAnotherDigestOrSettled_StaysThere()
    {
        await Accept(Offer("a"), Offer("b"), Offer("c"));
        await Claim();
        await Settle("c", SinkOutcome.Delivered);
        await Ledger.GatherAsync(IdOf("first"), [Key("a", "slack")], Noon, Cancel);

        await Ledger.GatherAsync(IdOf("second"), [Key("a", "slack"), Key("b", "slack"), Key("c", "slack")], Noon, Cancel);

        Assert.Equal(
            [(IdOf("a"), IdOf("first")), (IdOf("b"), IdOf("second"))],
            (await Claim()).OrderBy(dispatch => dispatch.Alert.Id == IdOf("b")).Select(dispatch => (dispatch.Alert.Id, dispatch.Digest!.Value))
        );
    }

    [Fact]
    public async Task Gather_WhenItsDigestIsOnItsWay_DoesNotBringTheOthersAgain()
    {
        await Accept(Offer("a"), Offer("b"));
        await Claim(max: 1);
        await Ledger.GatherAsync(IdOf("digest"), [Key("a", "slack")], Noon, Cancel);
        await Claim();

        await Ledger.GatherAsync(IdOf("digest"), [Key("b", "slack")], Noon, Cancel);

        Assert.Equal([IdOf("b")], (await Claim()).Select(dispatch => dispatch.Alert.Id));
        Time.Advance(Lease);
        Assert.Equal([IdOf("a"), IdOf("b")], (await Claim(max: 1)).Select(dispatch => dispatch.Alert.Id));
    }

    [Fact]
    public async Task Gather_MemberSettled_LeavesTheOthersTogether()
    {
        await Accept(Offer("a"), Offer("b"), Offer("c"));
        await Claim();
        await Ledger.GatherAsync(IdOf("digest"), [Key("a", "slack"), Key("b", "slack"), Key("c", "slack")], Noon, Cancel);
        await Claim();
        await Ledger.SettleAllAsync([Key("b", "slack")], new Settlement(SinkOutcome.Delivered), Cancel);
        await Ledger.SettleAllAsync([Key("a", "slack"), Key("c", "slack")], new Settlement(SinkOutcome.Retry, "down", Noon.AddSeconds(9)), Cancel);

        Time.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal([IdOf("a"), IdOf("c")], (await Claim(max: 1)).Select(dispatch => dispatch.Alert.Id));
    }

    [Fact]
    public async Task ReadAlerts_Everything_TellsTheLastAcceptedFirstWithWhatBecameOfIt()
    {
        var offer = Offer("a", "slack sns");
        await Accept(offer, Offer("a", "slack sns", raisedBy: "two"));
        await Claim("sns");
        await Settle("a", SinkOutcome.Retry, Noon.AddSeconds(5), "sns");
        await Claim("slack");
        Time.Advance(TimeSpan.FromSeconds(1));
        await Settle("a", SinkOutcome.Refused);
        await Accept(Offer("b", ""));

        var alerts = await Read();

        Assert.Equal([IdOf("b"), IdOf("a")], alerts.Select(alert => alert.Alert.Id));
        Assert.Equal((Noon.AddSeconds(1), 1, 0), (alerts[0].AcceptedAt, alerts[0].Suppressed, alerts[0].Deliveries.Count));
        Assert.Equal(AlertJson.Write(offer.Alert), AlertJson.Write(alerts[1].Alert));
        Assert.Equal((Noon, 0, 1), (alerts[1].AcceptedAt, alerts[1].Suppressed, alerts[1].Repeats));
        Assert.Equal(
            new LedgerDelivery("slack", DeliveryState.Refused, 1, alerts[1].Deliveries[0].DueAt, "why", Noon.AddSeconds(1), null),
            alerts[1].Deliveries[0]
        );
        Assert.Equal(new LedgerDelivery("sns", DeliveryState.Pending, 1, Noon.AddSeconds(5), "why", null, null), alerts[1].Deliveries[1]);
    }

    [Fact]
    public async Task ReadAlerts_TimesAndPrefix_TellsThoseAlone()
    {
        await Accept(Offer("a"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Accept(Offer("b"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Accept(Offer("c"));

        Assert.Equal([IdOf("b")], Ids(await Read(new AlertQuery { From = Noon.AddSeconds(1), To = Noon.AddSeconds(2) })));
        Assert.Equal([IdOf("c"), IdOf("b")], Ids(await Read(new AlertQuery { From = Noon.AddTicks(1) })));
        Assert.Equal([IdOf("a")], Ids(await Read(new AlertQuery { IdPrefix = IdOf("a").Value[..9] })));
        Assert.Empty(await Read(new AlertQuery { IdPrefix = IdOf("a").Value + "0" }));

        static IEnumerable<AlertId> Ids(IEnumerable<LedgerAlert> alerts) => alerts.Select(alert => alert.Alert.Id);
    }

    [Fact]
    public async Task ReadAlerts_MoreThanOnePage_TellsEachOnce()
    {
        await Accept([.. Enumerable.Range(0, 1_101).Select(i => Offer($"{i}"))]);

        var alerts = await Read();

        Assert.Equal(Enumerable.Range(0, 1_101).Reverse().Select(i => IdOf($"{i}")), alerts.Select(alert => alert.Alert.Id));
    }

    [Fact]
    public async Task Resend_SettledDelivery_IsDueAgainByItselfAndAlone()
    {
        await Accept(Offer("a", "slack sns"), Offer("b", "slack"));
        await Claim();
        await Ledger.GatherAsync(IdOf("digest"), [Key("a", "slack"), Key("b", "slack")], Noon, Cancel);
        await Claim();
        await Ledger.SettleAllAsync([Key("a", "slack"), Key("b", "slack")], new Settlement(SinkOutcome.Delivered), Cancel);

        var resent = await Ledger.ResendAsync(IdOf("a"), "slack", Cancel);
        await Ledger.ResendAsync(IdOf("a"), "slack", Cancel);

        Assert.Equal([Key("a", "slack")], resent);
        var claimed = Assert.Single(await Claim());
        Assert.Equal((IdOf("a"), 3, null, 1), (claimed.Alert.Id, claimed.Attempt, claimed.Digest, claimed.Resent));
        Assert.Empty(await Claim());
    }

    [Fact]
    public async Task Resend_PendingAndLeased_HurriesTheOneAndLeavesTheOther()
    {
        await Accept(Offer("a", "slack sns"));
        await Claim("slack");
        await Claim("sns");
        await Settle("a", SinkOutcome.Retry, Noon.AddHours(1), "sns");

        var resent = await Ledger.ResendAsync(IdOf("a"), null, Cancel);

        Assert.Equal([Key("a", "slack"), Key("a", "sns")], resent);
        Assert.Empty(await Claim("slack"));
        Assert.Single(await Claim("sns"));
    }

    [Fact]
    public async Task Resend_UnknownAlertOrSink_TellsOfNothing()
    {
        await Accept(Offer("a"));

        Assert.Empty(await Ledger.ResendAsync(IdOf("b"), null, Cancel));
        Assert.Empty(await Ledger.ResendAsync(IdOf("a"), "sns", Cancel));
        Assert.Equal(1, (await State()).Pending);
    }

    [Fact]
    public async Task State_SomeLeasedSomeLater_TellsTheEarliest()
    {
        await Accept(Offer("a", "slack sns"), Offer("b", "slack"));
        await Claim("slack");
        await Settle("b", SinkOutcome.Retry, Noon.AddSeconds(5));

        Assert.Equal(new OutboxState(2, Noon.AddSeconds(5)), await State("slack"));
        Assert.Equal(new OutboxState(1, Noon), await State("sns"));
        Assert.Equal(new OutboxState(3, Noon), await State());
        Assert.Equal(new OutboxState(0, null), await State("unheard-of"));
    }

    [Fact]
    public async Task Journal_HitsInAnyOrderAndTwice_AnswersTheNewAndReadsEachOnceOldestFirst()
    {
        await Ledger.JournalAsync([Hit("r1", "b", Noon.AddTicks(2)), Hit("r1", "a", Noon.AddTicks(1))], Cancel);

        var kept = await Ledger.JournalAsync([Hit("r2", "a", Noon.AddTicks(1)), Hit("r1", "b", Noon.AddTicks(2)), Hit("r1", "c", Noon)], Cancel);

        Assert.Equal([KeyOf("r2", "a"), KeyOf("r1", "c")], kept.Select(hit => hit.Key));
        var hits = await Journal();
        Assert.Equal([KeyOf("r1", "c"), KeyOf("r1", "a"), KeyOf("r2", "a"), KeyOf("r1", "b")], hits.Select(hit => hit.Key));
        Assert.Equal(Noon.AddTicks(2), hits[3].Time);
        Assert.Equal("{\"a\":1}"u8.ToArray(), hits[3].Record.ToArray());
        Assert.Equal(("queue/7", 2), (hits[3].Origin, hits[3].Index));
    }

    [Fact]
    public async Task Journal_WhenItWasSent_IsKeptIfItIsKnown()
    {
        await Ledger.JournalAsync([Hit("r", "a", Noon) with { SentAt = Noon.AddSeconds(7) }, Hit("r", "b", Noon.AddTicks(1))], Cancel);

        var hits = await Journal();

        Assert.Equal([Noon.AddSeconds(7), null], hits.Select(hit => hit.SentAt));
        Assert.All(hits, hit => Assert.Equal("{\"a\":1}"u8.ToArray(), hit.Record.ToArray()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2_000)]
    public async Task AnyText_WithANulInside_ComesBackWhole(int times)
    {
        var text = string.Concat(Enumerable.Repeat("a\0b", times));
        await Accept(Offer("a"));
        await Claim();
        await Ledger.SettleAsync(new DispatchKey(IdOf("a"), "slack"), new Settlement(SinkOutcome.Refused, text), Cancel);
        await Ledger.JournalAsync([Hit(text, text, Noon)], Cancel);
        await Note(new SinkNote(text, null, text));
        await Ledger.RememberAsync([new LearnedFact($"user {text}", text, text, Noon)], [], Cancel);

        Assert.Equal(text, Assert.Single(Assert.Single(await Read()).Deliveries).Reason);
        Assert.Equal(KeyOf(text, text), Assert.Single(await Journal()).Key);
        Assert.Equal(text, await Ledger.RecallAsync("slack", text, Cancel));
        Assert.Equal(new LearnedFact($"user {text}", text, text, Noon), Assert.Single(await Ledger.ReadHistoryAsync(Cancel).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Journal_TwoCorrelationsOfOneHit_KeepsBoth()
    {
        var hit = Hit("r", "a", Noon);

        var kept = await Ledger.JournalAsync([hit, hit with { Key = KeyOf("r", "a", "another") }], Cancel);

        Assert.Equal(2, kept.Count);
    }

    [Fact]
    public async Task Journal_MoreThanOnePage_ReadsAll()
    {
        var hits = Enumerable.Range(0, 1_501).Select(i => Hit("r", $"{i}", Noon.AddSeconds(i / 3))).ToArray();
        await Ledger.JournalAsync(hits, Cancel);

        var read = await Journal();

        Assert.Equal(1_501, read.Select(hit => hit.Key).Distinct().Count());
        Assert.Equal(read.OrderBy(hit => hit.Time).Select(hit => hit.Time), read.Select(hit => hit.Time));
    }

    [Fact]
    public async Task Forget_SomeHits_KeepsTheOthersAndKnowsTheForgottenAgain()
    {
        await Ledger.JournalAsync([Hit("r", "a", Noon), Hit("r", "b", Noon), Hit("r", "c", Noon)], Cancel);

        await Ledger.ForgetAsync([KeyOf("r", "a"), KeyOf("r", "c"), KeyOf("r", "overtaken")], Cancel);

        var again = await Ledger.JournalAsync([Hit("r", "a", Noon), Hit("r", "d", Noon), Hit("r", "overtaken", Noon)], Cancel);
        Assert.Equal([KeyOf("r", "d")], again.Select(hit => hit.Key));
        Assert.Equal([KeyOf("r", "b"), KeyOf("r", "d")], (await Journal()).Select(hit => hit.Key));
    }

    [Fact]
    public async Task Forget_ManyHits_DropsAllOfThem()
    {
        var hits = Enumerable.Range(0, 1_200).Select(i => Hit("r", $"{i}", Noon)).ToArray();
        await Ledger.JournalAsync(hits, Cancel);

        await Ledger.ForgetAsync([.. hits.Select(hit => hit.Key)], Cancel);

        Assert.Empty(await Journal());
    }

    [Fact]
    public async Task AnyMethod_Cancelled_ThrowsAndChangesNothing()
    {
        var cancelled = new CancellationToken(true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Ledger.AcceptAsync([Offer("a")], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Ledger.JournalAsync([Hit("r", "a", Noon)], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Ledger.StateAsync(null, cancelled));

        Assert.Equal(0, (await State()).Pending);
        Assert.Empty(await Journal());
    }

    [Fact]
    public async Task Accept_ManyCallersOfTheSameAlerts_OpensEachOnceAndCountsEachEventOnce()
    {
        await Parallel.ForAsync(0, 400, Cancel, async (i, _) => await Accept(Offer($"{i % 10}", raisedBy: $"event {i % 50}", group: $"{i % 10}")));

        // Fifty events over ten alerts: one raised each, the other four were suppressed.
        Assert.Equal(10, (await State()).Pending);
        await Accept([.. Enumerable.Range(0, 10).Select(i => Offer($"next {i}", "sns", group: $"{i}"))]);
        Assert.All(await Claim("sns"), dispatch => Assert.Equal(4, dispatch.Suppressed));
    }

    [Fact]
    public async Task Claim_ManyClaimers_NeverGivesALeasedDeliveryTwice()
    {
        var names = Enumerable.Range(0, 300).Select(i => $"{i}").ToArray();
        var claims = new System.Collections.Concurrent.ConcurrentBag<(AlertId Alert, int Attempt)>();
        var left = names.Length;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2)); // a claim that was lost is never settled: its lease ends by a clock that stands

        async Task WorkOff(int seed)
        {
            var random = new Random(seed);
            while (Volatile.Read(ref left) > 0)
            {
                limit.Token.ThrowIfCancellationRequested();
                foreach (var dispatch in await Claim(max: random.Next(1, 8)))
                {
                    claims.Add((dispatch.Alert.Id, dispatch.Attempt));
                    var again = dispatch.Attempt == 1 && random.Next(3) == 0;
                    await Ledger.SettleAsync(
                        new DispatchKey(dispatch.Alert.Id, "slack"),
                        new Settlement(again ? SinkOutcome.Retry : SinkOutcome.Delivered),
                        Cancel
                    );
                    if (!again)
                        Interlocked.Decrement(ref left);
                }
                await Task.Yield();
            }
        }

        var accepting = Parallel.ForEachAsync(names, Cancel, async (name, _) => await Accept(Offer(name)));
        await Task.WhenAll([accepting, .. Enumerable.Range(0, 8).Select(seed => Task.Run(() => WorkOff(seed), Cancel))]);

        // The attempt is counted per claim: two claimers of one lease would have brought the same number twice.
        Assert.Equal(claims.Count, claims.Distinct().Count());
        Assert.Equal(names.Length, claims.Select(claim => claim.Alert).Distinct().Count());
        Assert.Equal(new OutboxState(0, null), await State());
    }

    [Fact]
    public async Task Recall_WhatWasNoted_IsTheSinksOwn()
    {
        Assert.True(await Note(new SinkNote("a", null, "1"), new SinkNote("b", null, "2")));

        Assert.Equal("1", await Ledger.RecallAsync("slack", "a", Cancel));
        Assert.Equal("2", await Ledger.RecallAsync("slack", "b", Cancel));
        Assert.Null(await Ledger.RecallAsync("slack", "c", Cancel));
        Assert.Null(await Ledger.RecallAsync("sns", "a", Cancel));
    }

    [Fact]
    public async Task Note_OneOfThemIsNoLongerAsTheSinkKnowsIt_KeepsNone()
    {
        await Note(new SinkNote("a", null, "1"));

        Assert.False(await Note(new SinkNote("b", null, "2"), new SinkNote("a", null, "3")));
        Assert.False(await Note(new SinkNote("a", "2", "3")));
        Assert.False(await Note(new SinkNote("c", "1", "3")));
        Assert.True(await Note(new SinkNote("b", null, "4"), new SinkNote("a", "1", "5")));

        Assert.Equal("5", await Ledger.RecallAsync("slack", "a", Cancel));
        Assert.Equal("4", await Ledger.RecallAsync("slack", "b", Cancel));
    }

    [Fact]
    public async Task Note_ManyAtOnceOverTheSame_NoneIsOverwrittenUnseen()
    {
        var count = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 40),
            Cancel,
            async (_, _) =>
            {
                string? was;
                do was = await Ledger.RecallAsync("slack", "count", Cancel);
                while (!await Note(new SinkNote("count", was, $"{(was is null ? 0 : int.Parse(was)) + 1}")));
                Interlocked.Increment(ref count);
            }
        );

        Assert.Equal($"{count}", await Ledger.RecallAsync("slack", "count", Cancel));
    }

    private async Task<bool> Note(params SinkNote[] notes) => await Ledger.NoteAsync("slack", notes, Cancel);

    [Fact]
    public async Task ReadHistory_AfterChanges_TellsWhatWasLearnedAndNotForgotten()
    {
        LearnedFact was = new("user 1 a", "mfa:x", "", Noon),
            group = new("user 1 a", "group:g", "", Noon),
            isGone = new("user 1 a", "mfa:x", null, Noon.AddMinutes(1)),
            session = new("session ASIA1", "given", "- a", Noon);
        await Ledger.RememberAsync([was, group, session], [], Cancel);
        await Ledger.RememberAsync([isGone with { Value = "late" }, isGone], [], Cancel);
        await Ledger.RememberAsync([isGone], [], Cancel);

        Assert.Equal([session, group, was, isGone], await HistoryAsync());

        await Ledger.RememberAsync([], [was.Key, session.Key, was.Key with { Entity = "user 1 b" }], Cancel);
        Assert.Equal([group, isGone], await HistoryAsync());

        await Ledger.RememberAsync([session with { Time = Noon.AddDays(1) }], [group.Key, isGone.Key], Cancel);
        Assert.Equal([session with { Time = Noon.AddDays(1) }], await HistoryAsync());

        await Ledger.RememberAsync([was], [was.Key], Cancel);
        Assert.Equal([session with { Time = Noon.AddDays(1) }], await HistoryAsync());
    }

    [Fact]
    public async Task Remember_MoreThanOneStep_KeepsAndDropsAll()
    {
        LearnedFact[] facts = [.. Enumerable.Range(0, 1_100).Select(number => new LearnedFact($"user 1 {number % 7}", $"key:{number}", "Active", Noon))];

        await Ledger.RememberAsync(facts, [], Cancel);
        Assert.Equal(facts.ToHashSet(), [.. await HistoryAsync()]);

        await Ledger.RememberAsync([], [.. facts.Skip(1).Select(fact => fact.Key)], Cancel);
        Assert.Equal([facts[0]], await HistoryAsync());
    }

    private async Task<List<LearnedFact>> HistoryAsync() =>
        [
            .. (await Ledger.ReadHistoryAsync(Cancel).ToListAsync(Cancel))
                .OrderBy(fact => fact.Entity, StringComparer.Ordinal)
                .ThenBy(fact => fact.Name, StringComparer.Ordinal)
                .ThenBy(fact => fact.Time),
        ];

    /// <summary>Whether the ledger remembers what was seen; if it does not, nobody can know later what never came.</summary>
    private protected virtual bool RemembersSeen => false;

    [Fact]
    public void Seen_AsTheLedgerPromises_IsThereOrNot() => Assert.Equal(RemembersSeen, Ledger.Seen is not null);

    [Fact]
    public async Task Seen_Added_IsReadByTheHoursOfASpan()
    {
        if (Ledger.Seen is not { } seen)
            return;
        var noon = SeenEvent.HourOf(Noon);
        await seen.AddAsync([new(noon, 1), new(noon + 1, 2), new(noon, ulong.MaxValue), new(noon - 2, 4)], Cancel);
        await seen.AddAsync([new(noon, 1), new(0, 5), new(noon + 2, 6)], Cancel);

        Assert.Equal("0:5 -2:4 0:1,1,18446744073709551615 1:2 2:6", await Seen(seen, default));
        Assert.Equal("0:5 0:1,1,18446744073709551615 1:2", await Seen(seen, new TimeRange(Noon.AddMinutes(59), Noon.AddMinutes(60))));
    }

    [Fact]
    public async Task Seen_ManyOfOneHour_AreAllRemembered()
    {
        if (Ledger.Seen is not { } seen)
            return;
        var hour = SeenEvent.HourOf(Noon);
        foreach (var some in Enumerable.Range(0, 3_000).Select(i => new SeenEvent(hour, (ulong)i * 0x0001_0000_0001)).Chunk(701))
            await seen.AddAsync(some, Cancel);
        await Task.WhenAll(Enumerable.Range(3_000, 200).Select(i => seen.AddAsync([new SeenEvent(hour, (ulong)i * 0x0001_0000_0001)], Cancel).AsTask()));

        var read = await seen.ReadAsync(default, Cancel).SelectMany(part => part.Identities).Order().ToListAsync(Cancel);

        Assert.Equal(Enumerable.Range(0, 3_200).Select(i => (ulong)i * 0x0001_0000_0001), read);
    }

    [Fact]
    public async Task Seen_LongAgoByItsTimeButJustCome_IsForgottenOnlyAfterTheRetention()
    {
        if (Ledger.Seen is not { } seen)
            return;
        var began = await seen.BeganAsync(Cancel);
        await seen.AddAsync([new(SeenEvent.HourOf(Noon.AddYears(-3)), 1)], Cancel);
        Time.Advance(TimeSpan.FromDays(6));
        await seen.AddAsync([new(SeenEvent.HourOf(Noon.AddYears(-2)), 2)], Cancel);
        await PruneAsync();
        var early = await Seen(seen, default);
        Time.Advance(TimeSpan.FromDays(2));
        await seen.AddAsync([new(SeenEvent.HourOf(Noon.AddYears(-1)), 3)], Cancel);
        await PruneAsync();

        Assert.Equal(2, early.Split(' ').Length);
        Assert.Equal([2UL, 3UL], await seen.ReadAsync(default, Cancel).SelectMany(part => part.Identities).ToListAsync(Cancel));
        // What came on the first day is forgotten: nobody may ask for it as if it were known.
        Assert.Equal((Noon, Noon.AddDays(1)), (began, await seen.BeganAsync(Cancel)));
    }

    [Fact]
    public async Task Seen_AnHourOfWhichSomeCameLater_IsForgottenAsAWhole()
    {
        if (Ledger.Seen is not { } seen)
            return;
        var hour = SeenEvent.HourOf(Noon);
        var events = Enumerable.Range(0, 1_200).Select(i => new SeenEvent(hour, (ulong)i)).ToArray();
        await seen.AddAsync([new SeenEvent(hour - 1, 1), new SeenEvent(hour - 1, 2)], Cancel);
        await seen.AddAsync(events[..1_199], Cancel);
        Time.Advance(TimeSpan.FromDays(4));
        await seen.AddAsync(events[1_199..], Cancel);
        Time.Advance(TimeSpan.FromDays(4));
        await seen.AddAsync([new SeenEvent(hour + 190, 1)], Cancel);
        await PruneAsync();
        var known = await Seen(seen, new TimeRange(null, Noon.AddHours(1)));
        Time.Advance(TimeSpan.FromDays(4));
        await seen.AddAsync([new SeenEvent(hour + 200, 1)], Cancel);
        await PruneAsync();

        Assert.Equal($"0:{string.Join(',', Enumerable.Range(0, 1_200))}", known);
        Assert.Equal("190:1 200:1", await Seen(seen, default));
        Assert.Equal(Noon.AddDays(5), await seen.BeganAsync(Cancel));
    }

    /// <summary>What is remembered, each hour relative to noon (0 for no time) with its events.</summary>
    private static async Task<string> Seen(ISeenLog seen, TimeRange within)
    {
        var parts = await seen.ReadAsync(within, Cancel).ToListAsync(Cancel);
        var noon = SeenEvent.HourOf(Noon);
        return string.Join(
            ' ',
            parts
                .GroupBy(part => part.Hour)
                .Select(hour => $"{(hour.Key == 0 ? 0 : hour.Key - noon)}:{string.Join(',', hour.SelectMany(part => part.Identities).Order())}")
        );
    }

    /// <summary>
    /// A time that only a test moves, with timers that run by themselves: nothing here is told by a timer, but a ledger that could not reach its server waits for
    /// one before it asks again.
    /// </summary>
    private sealed class StandingClock() : FakeTimeProvider(Noon)
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime, period);
    }
}
