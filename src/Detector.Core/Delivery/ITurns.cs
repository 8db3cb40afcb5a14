using Detector.Core.Detection;

namespace Detector.Core.Delivery;

/// <summary>
/// How several instances share a ledger: each tells of itself by beats, and one of them at a time has the turn to judge the journaled hits of all.
/// </summary>
public interface ITurns
{
    /// <summary>This instance's name, which no other has and none had before.</summary>
    string Instance { get; }

    /// <summary>
    /// Tells the others that this instance lives and up to where time has passed for it; keeps its turn, or takes the turn if nobody has it. A turn that is not
    /// kept for the length of the lease is free.
    /// </summary>
    /// <returns>The turn: the same object for as long as it was never lost; null while another instance has it.</returns>
    ValueTask<ITurn?> BeatAsync(DateTimeOffset watermark, CancellationToken cancellation);

    /// <summary>This instance ends, and has nothing in hand: it holds up nobody's time any more, and its turn is free.</summary>
    ValueTask LeaveAsync(CancellationToken cancellation);
}

/// <summary>
/// The right to judge correlations and history for all instances. Whatever is read or written by it fails with a <see cref="TurnLostException"/> once it is lost, so
/// that a process which was stopped meanwhile, and does not know yet, can do no harm.
/// </summary>
public interface ITurn
{
    /// <summary>The ledger, as long as the turn lasts.</summary>
    ILedger Ledger { get; }

    /// <summary>What has come into the journal behind a place, and how far time has passed for each instance.</summary>
    /// <param name="after">A place; 0 for everything that has not been forgotten.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<JournalPage> ReadAsync(long after, CancellationToken cancellation);

    /// <summary>Forgets an instance that has died.</summary>
    ValueTask BuryAsync(string instance, CancellationToken cancellation);

    /// <summary>Gives the turn up.</summary>
    ValueTask EndAsync(CancellationToken cancellation);
}

/// <summary>Hits in the order in which they came into the journal.</summary>
/// <param name="Hits">The hits.</param>
/// <param name="Last">The place of the last of them; the place asked for, if there are none.</param>
/// <param name="More">Whether others follow already.</param>
/// <param name="Beats">The last beat of each instance, no older than the hits: what an instance journaled before it is among them, or follows already.</param>
public sealed record JournalPage(IReadOnlyList<JournaledHit> Hits, long Last, bool More, IReadOnlyList<Beat> Beats);

/// <summary>What an instance told of itself.</summary>
/// <param name="Instance">Its name.</param>
/// <param name="Number">Higher with each beat.</param>
/// <param name="Watermark">Up to where time had passed for it.</param>
public readonly record struct Beat(string Instance, long Number, DateTimeOffset Watermark);

/// <summary>Another instance has the turn, or may have it by now.</summary>
public sealed class TurnLostException() : Exception("the turn to correlate was lost: another instance goes on with it");
