using Detector.Adapters.Files;
using Detector.App.Options;
using Detector.Core;
using Detector.Core.Rules;

namespace Detector.App;

/// <summary>
/// Keeps a running detector's rules as they are on disk. A change is compiled aside; if anything of it is refused, or nothing is left, the rules before it stay and
/// the reason is logged. A change that is still being written is waited for.
/// </summary>
internal sealed class RuleWatch(IReadOnlyList<string> folders, IProgress<Notice> log, TimeProvider time, DetectorOptions? options = null)
{
    /// <summary>The time between two looks; a change must have lasted from one to the next.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private string _tried = "";
    private string _seen = "";

    /// <summary>Loads the rules that the run begins with. What is refused is logged and the rest serves: a start has nothing to fall back on.</summary>
    /// <exception cref="StartException">Not one rule could be loaded.</exception>
    public RuleSet Load()
    {
        // Taken first: what changes while it is read is seen as a change.
        _tried = _seen = RuleStamp.Of(folders);
        var load = Read();
        var rules = load.ToDetectBy();
        Tell(NoticeSeverity.Information, load.Summary);
        return rules;
    }

    /// <summary>Looks, and replaces the rules if their files have changed; at once when asked to, until stopped.</summary>
    public async Task RunAsync(Action<RuleSet> replace, SemaphoreSlim asked, CancellationToken stopping)
    {
        var asking = asked.WaitAsync(stopping);
        while (!stopping.IsCancellationRequested)
        {
            await Task.WhenAny(asking, Task.Delay(Every, time, stopping));
            if (asking.IsCompletedSuccessfully)
            {
                asking = asked.WaitAsync(stopping);
                Reload(replace);
            }
            else if (!stopping.IsCancellationRequested)
            {
                Look(replace);
            }
        }
    }

    /// <summary>Replaces the rules if their files have changed and stand still.</summary>
    public void Look(Action<RuleSet> replace)
    {
        var now = RuleStamp.Of(folders);
        if (now != _tried && now == _seen)
            Reload(replace);
        _seen = now;
    }

    /// <summary>Replaces the rules, changed or not.</summary>
    public void Reload(Action<RuleSet> replace)
    {
        _tried = _seen = RuleStamp.Of(folders);
        try
        {
            var load = Read();
            if (load.IsEmpty || load.Refused.Count > 0)
            {
                Tell(NoticeSeverity.Error, $"the change is refused, the rules before it stay: {load.Summary}");
                return;
            }
            replace(load.Rules);
            Tell(NoticeSeverity.Information, $"changed: {load.Summary}");
        }
        catch (Exception e)
        {
            log.Report(new Notice(NoticeSeverity.Error, "rules", "the change cannot be taken, the rules before it stay", e));
        }
    }

    private RuleLoad Read()
    {
        var load = RuleLoad.From(folders, options);
        foreach (var error in load.Refused)
            Tell(NoticeSeverity.Error, $"refused: {error}");
        foreach (var warning in load.Warnings)
            Tell(NoticeSeverity.Warning, warning.ToString());
        foreach (var over in load.Suppressions.Where(suppression => suppression.Terms!.Expires <= time.GetUtcNow()))
            Tell(
                NoticeSeverity.Warning,
                $"{over.Place}: suppression {over.Label} expired on {over.Terms!.Expires:yyyy-MM-dd}: it hides nothing that happens since"
            );
        foreach (var unmet in options?.Slack is { } slack ? SlackRouteNames.Unmet(slack, load.Rules) : [])
            log.Report(new Notice(NoticeSeverity.Warning, "slack", unmet));
        return load;
    }

    private void Tell(NoticeSeverity severity, string message) => log.Report(new Notice(severity, "rules", message));
}
