using System.Security.Cryptography;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.App.Reports;
using Detector.Core.Detection.Surveys;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>Opens an archive and judges it, for every command that does: the same records, rules and answers.</summary>
internal static class TrailJudging
{
    /// <summary>Judges; returns the exit code. What could not be read is told on standard error before the outcome is handed on.</summary>
    /// <param name="settings">What, and by which rules.</param>
    /// <param name="terminal">Where it is told.</param>
    /// <param name="tell">Gets the rules and the outcome; returns the exit code.</param>
    /// <param name="survey">Is told what the archive holds, if it is there.</param>
    /// <param name="records">Is given the records behind the alerts, if it is there.</param>
    /// <param name="validation">Checks the archive by its digests before the outcome is handed on, if it is there.</param>
    /// <param name="witness">Makes, for the rules, what is shown every record that is tried, by all workers at once, if it is there.</param>
    /// <exception cref="StartException">Not one rule could be loaded.</exception>
    public static int Run(
        TrailSettings settings,
        Terminal terminal,
        Func<RuleSet, ReplayOutcome, int> tell,
        Survey? survey = null,
        RecordPacks? records = null,
        Validation? validation = null,
        Func<RuleSet, IRecordWitness>? witness = null
    )
    {
        // Events are known by their hashes, and what hashes them takes a while to load: as long as some of the rules, and on another core.
        _ = Task.Run(() => SHA256.HashData([]));
        using var archives = Open(settings, terminal);
        var rules = new Lazy<RuleSet>(() => Load(settings.Rules, terminal).ToDetectBy());
        var options = settings.Replay(terminal) with
        {
            Survey = survey,
            Evidence = records is null ? 0 : Report.Evidence,
            Found = records is null ? null : records.Add,
            Hashes = validation?.Hashes,
            Witness = witness,
        };
        using var outcome = ReplayRun.Run(archives.Archive, () => rules.Value, settings.Within, options, terminal.Stopping);
        Tell(outcome.Losses, terminal);
        if (outcome.Stats is { Records: > 0, Newest: null } && settings is { Within: { From: null, To: null }, Places: { Accounts: [], Regions: [] } })
            terminal.Error.WriteLine("no record has an eventTime, as each event of CloudTrail has: these are other files than a trail's");
        validation?.Check(archives);
        return tell(rules.Value, outcome);
    }

    /// <summary>Names the archive's objects to a queue, in place of judging them; returns the exit code.</summary>
    public static int Enqueue(TrailSettings settings, string queue, Terminal terminal)
    {
        using var archives = Open(settings, terminal);
        return archives.Enqueue(queue, terminal);
    }

    /// <summary>Whether all was done.</summary>
    public static int ExitCodeOf(ReplayOutcome outcome) => outcome.Losses.Count > 0 || outcome.Stopped is not null ? ExitCode.Partly : ExitCode.Done;

    /// <summary>Tells what could not be read.</summary>
    public static void Tell(IEnumerable<Loss> losses, Terminal terminal)
    {
        foreach (var loss in losses)
            terminal.Error.WriteLine(OneLine.Of(loss.ToString()));
    }

    /// <summary>Tells that the reading was stopped, if it was.</summary>
    /// <param name="stopped">How far it had come; null if it was not stopped.</param>
    /// <param name="answer">What was told before is of that part: the noun with its verb.</param>
    /// <param name="terminal">Where it is told.</param>
    public static void TellStop(string? stopped, string answer, Terminal terminal)
    {
        if (stopped is not null)
            terminal.Error.WriteLine($"stopped before it was done: {stopped}, and {answer} of these");
    }

    /// <summary>Loads rules, and tells of those that are refused.</summary>
    public static RuleLoad Load(RulesOptions rules, Terminal terminal)
    {
        var load = RuleLoad.From(RuleLoad.Folders(rules));
        foreach (var error in load.Refused)
            terminal.Error.WriteLine(OneLine.Of($"rules: refused: {error}"));
        return load;
    }

    /// <summary>Opens the archive, and tells what is to be known of it.</summary>
    public static TrailArchives Open(TrailSettings settings, Terminal terminal)
    {
        var archives = TrailArchives.Open(settings.Places, settings.Within, terminal);
        foreach (var note in archives.Notes)
            terminal.Error.WriteLine(OneLine.Of(note));
        return archives;
    }
}
