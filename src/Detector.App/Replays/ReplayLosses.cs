using Detector.Core.Events;

namespace Detector.App.Replays;

/// <summary>
/// Gathers what a replay could not read. A file that is no trail may have a loss in every line, and an archive any number of such files: of one reason the first
/// places in a file are told and the others counted, and of too many files only the count is kept.
/// </summary>
internal sealed class ReplayLosses
{
    private const int ToldOfReason = 3;
    private const int ReasonsOfFile = 10;
    private const int Told = 10_000;

    private readonly Lock _turn = new();
    private readonly List<Loss> _told = [];
    private long _untold;

    /// <summary>Records that could not be read.</summary>
    public long Rejected { get; private set; }

    /// <summary>What is told, in the order of files and places.</summary>
    public IReadOnlyList<Loss> InOrder()
    {
        lock (_turn)
        {
            var losses = _told.OrderBy(loss => loss.File, StringComparer.Ordinal).ThenBy(loss => loss.Offset);
            return _untold == 0 ? [.. losses] : [.. losses, new Loss("and elsewhere", null, 0, $"{_untold} more losses")];
        }
    }

    /// <summary>Takes what was lost of one file, or of a part of the archive.</summary>
    /// <param name="file">Which.</param>
    /// <param name="rejected">Records.</param>
    /// <param name="rest">What could not be read beside them; null if all was.</param>
    public void Add(string file, IReadOnlyList<Rejected> rejected, Adapters.Files.UnreadFile? rest)
    {
        if (rejected.Count == 0 && rest is null)
            return;
        lock (_turn)
        {
            Rejected += rejected.Count;
            var reasons = rejected.GroupBy(record => record.Reason, StringComparer.Ordinal).ToList();
            Tell(reasons.Take(ReasonsOfFile).SelectMany(Places));
            var others = reasons.Skip(ReasonsOfFile).SelectMany(reason => reason).ToList();
            if (others.Count > 0)
                Tell([
                    new Loss(file, others[0].Index, others[0].Offset, $"{others[0].Reason}; and {others.Count - 1} more that cannot be read for other reasons"),
                ]);
            if (rest is not null)
                Tell([new Loss(rest)]);
        }
    }

    /// <summary>A few places are told one by one; of many the first, with how many they are.</summary>
    private static IEnumerable<Loss> Places(IGrouping<string, Rejected> reason)
    {
        var losses = reason.Select(record => new Loss(record)).ToList();
        return losses.Count <= ToldOfReason ? losses : [losses[0] with { Reason = $"{losses[0].Reason}; and {losses.Count - 1:N0} more like it" }];
    }

    private void Tell(IEnumerable<Loss> losses)
    {
        foreach (var loss in losses)
        {
            if (_told.Count < Told)
                _told.Add(loss);
            else
                _untold++;
        }
    }
}
