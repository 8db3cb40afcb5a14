using Detector.Core.Events;

namespace Detector.App.Replays;

/// <summary>Gathers what a replay could not read. A file that is no trail may have a loss in every line, and an archive any number of such files: of too many only the count is kept.</summary>
internal sealed class ReplayLosses
{
    private const int ToldOfFile = 100;
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
            Tell(rejected.Take(ToldOfFile).Select(record => new Loss(record)));
            if (rejected.Count > ToldOfFile)
                Tell([new Loss(file, rejected[ToldOfFile].Index, rejected[ToldOfFile].Offset, $"and {rejected.Count - ToldOfFile} more that cannot be read")]);
            if (rest is not null)
                Tell([new Loss(rest)]);
        }
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
