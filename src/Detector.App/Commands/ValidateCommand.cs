using Detector.Adapters.Aws.S3;
using Detector.App.Integrity;
using Detector.App.Replays;
using Detector.Core.Integrity;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>Tells whether an archive is what CloudTrail delivered.</summary>
internal static class ValidateCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(TrailSettings settings, string? publicKeys, bool asJson, Terminal terminal)
    {
        var validation = new Validation(settings, publicKeys, terminal);
        using var archives = TrailJudging.Open(settings, terminal);
        // A replay by no rules: the same files are read, and nothing is found in them.
        var options = settings.Replay(terminal) with
        {
            Hashes = validation.Hashes,
        };
        using var outcome = ReplayRun.Run(archives.Archive, RuleSet.Empty, settings.Within, options, terminal.Stopping);
        TrailJudging.Tell(outcome.Losses, terminal);
        var integrity = validation.Check(archives);
        if (asJson)
            JsonOut.Write(terminal.Out, json => IntegrityLines.WriteJson(json, integrity));
        else
            IntegrityLines.WriteTable(terminal.Out, integrity);
        TrailJudging.TellStop(outcome.Stopped, "the verdict is that", terminal);
        return validation.IsDoubtful ? ExitCode.Partly : TrailJudging.ExitCodeOf(outcome);
    }
}

/// <summary>What a command needs to validate what it reads.</summary>
internal sealed class Validation
{
    private readonly TrailSettings _settings;
    private readonly KeyChoice _keys;
    private readonly Terminal _terminal;
    private bool _isPartly;

    /// <exception cref="StartException">The archive has no digests by its nature, or the public keys cannot be read.</exception>
    public Validation(TrailSettings settings, string? publicKeys, Terminal terminal)
    {
        (_settings, _terminal) = (settings, terminal);
        if (settings.Places.LookupEvents || settings.Places.Paths.Contains("-", StringComparer.Ordinal))
            throw new StartException("digests are there for files, folders and s3:// only: standard input and --lookup-events cannot be validated");
        _keys = KeyChoice.Of(publicKeys, settings.Places.Paths.Any(S3Place.IsMeant));
    }

    /// <summary>To be told of everything that is read.</summary>
    public ContentHashes Hashes { get; } = new();

    /// <summary>What the digests prove; null before it was checked.</summary>
    public TrailIntegrity? Integrity { get; private set; }

    /// <summary>Whether what was read should not be relied on, or could not be checked as a whole.</summary>
    public bool IsDoubtful => _isPartly || Integrity?.Verdict is TrailVerdict.Broken or TrailVerdict.Unknown;

    /// <summary>Checks what was read.</summary>
    public TrailIntegrity Check(TrailArchives archives)
    {
        var run = new IntegrityRun(archives, _keys, _terminal);
        Integrity = run.CheckAsync(Hashes, _settings.Within).GetAwaiter().GetResult();
        foreach (var loss in run.Losses)
            _terminal.Error.WriteLine(OneLine.Of(loss));
        _isPartly = run.Losses.Count > 0;
        return Integrity;
    }
}
