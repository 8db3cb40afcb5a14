using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;

namespace Detector.Core;

/// <summary>
/// Is told what happens on the live path, as it happens: metrics, the status page and the watch for silence are made of it. What it is told of is decided
/// already, so it changes nothing. Called from many threads, on the path itself: an answer is expected at once, and never an exception.
/// </summary>
public abstract class PipelineWatch
{
    /// <summary>Watches nothing.</summary>
    public static PipelineWatch None { get; } = new Nobody();

    /// <summary>The ledger has given back, at the start, something that was learned in an earlier run.</summary>
    public virtual void Restored(LearnedFact fact) { }

    /// <summary>The source has answered: with something, or that it is empty.</summary>
    /// <param name="batch">What it gave; <see cref="EventBatch.IsIdle"/> if nothing was there.</param>
    public virtual void Received(EventBatch batch) { }

    /// <summary>Stage 1 is done with a batch.</summary>
    public virtual void Judged(EventBatch batch, in Judgement judgement) { }

    /// <summary>Stage 2 has decided something, on a batch or as time passed.</summary>
    public virtual void Concluded(Outcome outcome) { }

    /// <summary>A batch is settled at its source.</summary>
    /// <param name="batch">Which.</param>
    /// <param name="acknowledged">False if it comes again.</param>
    public virtual void Settled(EventBatch batch, bool acknowledged) { }

    /// <summary>The ledger has an alert; it may have known it before.</summary>
    public virtual void Accepted(Alert alert) { }

    /// <summary>A sink has answered to one send.</summary>
    public virtual void Answered(Dispatch dispatch, SinkAnswer answer) { }

    /// <summary>Several watches as one, told in their order.</summary>
    public static PipelineWatch All(params IReadOnlyList<PipelineWatch> watches) => new Several(watches);

    private sealed class Nobody : PipelineWatch;

    private sealed class Several(IReadOnlyList<PipelineWatch> watches) : PipelineWatch
    {
        public override void Restored(LearnedFact fact)
        {
            foreach (var watch in watches)
            {
                watch.Restored(fact);
            }
        }

        public override void Received(EventBatch batch)
        {
            foreach (var watch in watches)
            {
                watch.Received(batch);
            }
        }

        public override void Judged(EventBatch batch, in Judgement judgement)
        {
            foreach (var watch in watches)
            {
                watch.Judged(batch, judgement);
            }
        }

        public override void Concluded(Outcome outcome)
        {
            foreach (var watch in watches)
            {
                watch.Concluded(outcome);
            }
        }

        public override void Settled(EventBatch batch, bool acknowledged)
        {
            foreach (var watch in watches)
            {
                watch.Settled(batch, acknowledged);
            }
        }

        public override void Accepted(Alert alert)
        {
            foreach (var watch in watches)
            {
                watch.Accepted(alert);
            }
        }

        public override void Answered(Dispatch dispatch, SinkAnswer answer)
        {
            foreach (var watch in watches)
            {
                watch.Answered(dispatch, answer);
            }
        }
    }
}
