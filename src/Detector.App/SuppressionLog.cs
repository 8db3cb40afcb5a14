using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.App;

/// <summary>Logs what suppressions hide: the first alert of each, then once an hour how many since. The alerts themselves are in the ledger.</summary>
internal sealed class SuppressionLog(TimeProvider time, IProgress<Notice> log) : PipelineWatch
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly Dictionary<(string Suppression, string Rule), Count> _counts = [];

    /// <inheritdoc/>
    public override void Accepted(Alert alert)
    {
        if (alert.HiddenBy is not { } suppression)
            return;
        long hidden;
        lock (_counts)
        {
            var key = (suppression, alert.Rule.Name);
            if (!_counts.TryGetValue(key, out var count))
                _counts.Add(key, count = new Count());
            count.Since++;
            if (count.Told is { } told && time.GetElapsedTime(told) < Every)
                return;
            (hidden, count.Since, count.Told) = (count.Since, 0, time.GetTimestamp());
        }
        log.Report(
            new Notice(
                NoticeSeverity.Information,
                "suppression",
                $"{suppression} hid {hidden} more of {alert.Rule.Name}: detector alerts list --state suppressed"
            )
        );
    }

    private sealed class Count
    {
        public long Since { get; set; }

        /// <summary>When it was logged last, by the clock that only counts.</summary>
        public long? Told { get; set; }
    }
}
