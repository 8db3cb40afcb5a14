using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.RuleTests;

/// <summary>The rules of one folder, with those that they build on, ready to be run over one made-up case after another.</summary>
internal sealed class Bench
{
    private readonly Replay _replay;
    private readonly bool _atOnce;

    public Bench(RuleSet rules, TestedRules tested)
    {
        Rules = rules.Only(tested.All);
        var folder = Path.GetDirectoryName(tested.All.First().Place.File);
        Own = [.. Rules.Detections.Where(rule => Path.GetDirectoryName(rule.Place.File) == folder)];
        _replay = new Replay(Rules);
        _atOnce = Rules.Correlations.Count == 0 && !Rules.Detections.Any(Rules.Waits);
    }

    /// <summary>The rules, and no others.</summary>
    public RuleSet Rules { get; }

    /// <summary>The detections of the folder itself: their conditions are what its cases are for.</summary>
    public IReadOnlyList<DetectionRule> Own { get; }

    /// <summary>The keys of the rules that alert.</summary>
    public HashSet<string> Fired(byte[] content)
    {
        var judgement = Judge(content);
        var keys = _atOnce ? judgement.Hits.Select(hit => hit.Rule.Key) : _replay.Conclude([judgement]).Alerts.Select(alert => alert.Rule.Id);
        return keys.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The suppressions that hide something of a content.</summary>
    public HashSet<string> HiddenBy(byte[] content)
    {
        var judgement = Judge(content);
        var names = new HashSet<string>(StringComparer.Ordinal);
        _replay.Conclude(judgement.Hits.Order(Replay.HitOrder), judgement.Newest, _ => { }, alert => names.Add(alert.HiddenBy!));
        return names;
    }

    /// <summary>What the rules can be asked of the records of a case.</summary>
    public Recollection Recall(byte[] content) => new(Rules, Judge(content).Hits);

    private Judgement Judge(byte[] content)
    {
        using var batch = new EventBatch("case", content, Receipt.None);
        return _replay.Try(batch);
    }
}
