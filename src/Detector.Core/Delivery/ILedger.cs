using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;

namespace Detector.Core.Delivery;

/// <summary>
/// The memory that outlives a crash: deliveries per (AlertId, sink) with the alert's body (the outbox), sinks' notes, hits still inside a window (the
/// journal), what history learned, and rejected records. Every method is safe to call from many threads; a method that writes returns when the write is durable,
/// if <see cref="IsDurable"/>.
/// </summary>
public interface ILedger : IAsyncDisposable
{
    /// <summary>Whether what is accepted survives the process.</summary>
    bool IsDurable { get; }

    /// <summary>Remembers every event that was seen; null if this ledger does not, so that nobody can know later which never came.</summary>
    ISeenLog? Seen { get; }

    /// <summary>
    /// Takes alerts into the outbox, one pending delivery per sink named, all or none. A delivery known already is not opened again; that
    /// an event was refused so is counted once per alert and event (see <see cref="Dispatch.Suppressed"/>).
    /// </summary>
    /// <remarks>
    /// The count: an event offered under a known AlertId, other than the event that the alert was first accepted with, waits to be told of.
    /// The next alert accepted anew for the same rule and group (<see cref="AlertRule.Id"/>, <see cref="Alert.Group"/>) takes all that wait
    /// there, and they are its <see cref="Dispatch.Suppressed"/> to every sink.
    /// </remarks>
    /// <returns>The deliveries of these alerts that are not settled yet, newly opened or opened before.</returns>
    ValueTask<IReadOnlyList<DispatchKey>> AcceptAsync(IReadOnlyList<OutboxEntry> entries, CancellationToken cancellation);

    /// <summary>
    /// Leases up to <paramref name="max"/> pending deliveries of a sink that are due, oldest first, to this process. A lease that runs out
    /// (the process died) makes its delivery due again. Each claim counts as an attempt. A delivery that was gathered into a digest brings all others of it that
    /// are neither settled nor under a lease, whatever <paramref name="max"/> is: a digest is claimed whole.
    /// </summary>
    ValueTask<IReadOnlyList<Dispatch>> ClaimAsync(string sink, int max, TimeSpan lease, CancellationToken cancellation);

    /// <summary>Ends a claim: delivered or refused for good, or due again at a time.</summary>
    ValueTask SettleAsync(DispatchKey dispatch, Settlement settlement, CancellationToken cancellation);

    /// <summary>Ends the claims of several deliveries alike, all or none: those that one digest has told.</summary>
    ValueTask SettleAllAsync(IReadOnlyList<DispatchKey> dispatches, Settlement settlement, CancellationToken cancellation);

    /// <summary>
    /// Ends the claims of deliveries and gathers them into a digest, to be sent as one at a time (<see cref="Dispatch.Digest"/>). Those that are settled, or
    /// gathered already, stay as they are: a delivery is in one digest at most.
    /// </summary>
    ValueTask GatherAsync(AlertId digest, IReadOnlyList<DispatchKey> dispatches, DateTimeOffset dueAt, CancellationToken cancellation);

    /// <summary>Alerts that are remembered with what became of them, those accepted last first. What is accepted meanwhile may be missing.</summary>
    IAsyncEnumerable<LedgerAlert> ReadAlertsAsync(AlertQuery query, CancellationToken cancellation);

    /// <summary>
    /// Makes deliveries of an alert due now: those that are settled are opened again, by themselves, and those that wait are waited for no more. A delivery
    /// under a lease is on its way, and stays as it is.
    /// </summary>
    /// <param name="alert">Which alert.</param>
    /// <param name="sink">To which sink; null for every one that it was for.</param>
    /// <param name="cancellation">Until it is begun.</param>
    /// <returns>The deliveries that there are, whatever was done to them; none if the alert is unknown, or was never for the sink.</returns>
    ValueTask<IReadOnlyList<DispatchKey>> ResendAsync(AlertId alert, string? sink, CancellationToken cancellation);

    /// <summary>
    /// The deliveries of one sink, or of all, that are not settled, and when the next of them is due (the past, if it is due now; null, if there are
    /// none). A lease of a process that has died counts as due when it runs out.
    /// </summary>
    ValueTask<OutboxState> StateAsync(string? sink, CancellationToken cancellation);

    /// <summary>
    /// Keeps what a sink must know after a crash, such as where it has put a message: all of the notes, or, if one of their keys no longer holds
    /// <see cref="SinkNote.Was"/>, none. Notes are forgotten as long after they were written as an AlertId is.
    /// </summary>
    /// <returns>Whether they were kept. If not, somebody else was faster: recall them and decide anew.</returns>
    ValueTask<bool> NoteAsync(string sink, IReadOnlyList<SinkNote> notes, CancellationToken cancellation);

    /// <summary>What a sink noted under a key; null if nothing, or if it is forgotten.</summary>
    ValueTask<string?> RecallAsync(string sink, string key, CancellationToken cancellation);

    /// <summary>Keeps hits that a correlation may still need.</summary>
    /// <returns>Those that the ledger did not know: a record delivered again is judged once, also after its hit has been forgotten.</returns>
    ValueTask<IReadOnlyList<JournaledHit>> JournalAsync(IReadOnlyList<JournaledHit> hits, CancellationToken cancellation);

    /// <summary>All journaled hits that have not been forgotten, oldest event first, for the start after a crash.</summary>
    IAsyncEnumerable<JournaledHit> ReadJournalAsync(CancellationToken cancellation);

    /// <summary>
    /// Drops hits that no window can need any more; that they were seen is remembered, as long as an AlertId is. A hit that is forgotten before it is
    /// journaled stays forgotten: the two may be written down in any order.
    /// </summary>
    ValueTask ForgetAsync(IReadOnlyList<HitKey> hits, CancellationToken cancellation);

    /// <summary>Keeps what history learned, and then drops what it forgot: what the ledger holds of it grows no further than history does.</summary>
    ValueTask RememberAsync(IReadOnlyList<LearnedFact> learned, IReadOnlyCollection<FactKey> forgotten, CancellationToken cancellation);

    /// <summary>Everything that history learned, for the start.</summary>
    IAsyncEnumerable<LearnedFact> ReadHistoryAsync(CancellationToken cancellation);

    /// <summary>Keeps what could not be read, with its reason; the same content at the same place is kept once.</summary>
    ValueTask RejectAsync(IReadOnlyList<Rejected> rejected, CancellationToken cancellation);
}

/// <summary>An alert and the sinks that are to have it.</summary>
/// <param name="Alert">What to tell.</param>
/// <param name="Event">The event that raised it now; for the count of what was suppressed.</param>
/// <param name="Sinks">Names of sinks; empty if none is interested (the alert is then remembered, and nothing is pending).</param>
public sealed record OutboxEntry(Alert Alert, EventIdentity Event, IReadOnlyList<string> Sinks);

/// <summary>Names one delivery.</summary>
/// <param name="Alert">Which alert.</param>
/// <param name="Sink">To which sink.</param>
public readonly record struct DispatchKey(AlertId Alert, string Sink);

/// <summary>How a claim ended.</summary>
/// <param name="Outcome">Delivered and refused are final.</param>
/// <param name="Reason">Why it was not delivered, without secrets.</param>
/// <param name="DueAt">For <see cref="SinkOutcome.Retry"/>: when to try again.</param>
public sealed record Settlement(SinkOutcome Outcome, string Reason = "", DateTimeOffset? DueAt = null);

/// <summary>Something that a sink keeps for itself.</summary>
/// <param name="Key">Where, among the sink's notes.</param>
/// <param name="Was">What the key holds now, as far as the sink knows; null for nothing.</param>
/// <param name="Value">What it is to hold.</param>
public readonly record struct SinkNote(string Key, string? Was, string Value);

/// <summary>How full an outbox is.</summary>
/// <param name="Pending">Deliveries that are not settled, leased ones included.</param>
/// <param name="NextDueAt">When the next of them is due; null if none is pending.</param>
public readonly record struct OutboxState(long Pending, DateTimeOffset? NextDueAt);
