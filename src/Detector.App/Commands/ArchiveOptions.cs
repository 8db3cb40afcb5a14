using System.CommandLine;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Files;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;

namespace Detector.App.Commands;

/// <summary>What a command reads an archive by.</summary>
/// <param name="Places">What is read.</param>
/// <param name="Within">Records from outside are not judged.</param>
/// <param name="Known">What is known of the time before the archive.</param>
internal sealed record ArchiveSettings(TrailPlaces Places, TimeRange Within, IReadOnlyList<LearnedFact> Known)
{
    /// <summary>How it is replayed.</summary>
    public ReplayOptions Replay(Terminal terminal) =>
        new(Path.GetTempPath(), terminal.Time)
        {
            Progress = terminal.ErrorIsTerminal ? terminal.Error : null,
            Places = new PlaceScope(Places.Accounts, Places.Regions),
            Known = Known,
        };
}

/// <summary>The argument and the options of commands that read an archive.</summary>
internal sealed class ArchiveOptions
{
    private readonly Terminal _terminal;
    private readonly Argument<string[]> _paths = Paths();
    private readonly Option<string?> _from;
    private readonly Option<string?> _to;
    private readonly Option<string[]> _accounts = Several(
        "--account",
        "ID",
        "Only this account's records. May be repeated.",
        TrailPath.IsAccount,
        "is no account of 12 digits"
    );
    private readonly Option<string[]> _regions = Several(
        "--region",
        "REGION",
        "Only this region's records. May be repeated.",
        AwsNames.IsRegion,
        "is no region such as eu-west-1"
    );
    private readonly Option<bool> _lookup = new("--lookup-events")
    {
        Description = "Reads CloudTrail's own event history, which needs no trail and holds 90 days: of each --region, else of the configured one.",
    };
    private readonly Option<string?> _cache = new("--cache")
    {
        HelpName = "DIR",
        Description = "Keeps fetched objects there, so that a replay that was interrupted, or is repeated, fetches only what is missing.",
    };
    private readonly Option<string?> _serviceUrl = new("--service-url", "--endpoint-url")
    {
        HelpName = "URL",
        Description = "Another endpoint of AWS's services: an interface endpoint, or an emulator.",
    };
    private readonly Option<string?> _report = new("--credential-report")
    {
        HelpName = "FILE",
        Description = "An IAM credential report (CSV): users, passwords, MFA and ages of keys from before the archive.",
    };
    private readonly Option<string[]> _keyPairs = new("--key-pairs")
    {
        HelpName = "ACCOUNT/REGION=FILE",
        Description = "An answer of aws ec2 describe-key-pairs (JSON): key pairs from before the archive. May be repeated.",
        DefaultValueFactory = _ => [],
    };
    private Option<string?>? _enqueue;

    public ArchiveOptions(Terminal terminal)
    {
        _terminal = terminal;
        _from = Bound("--from", "Judges no record from before: a date, a time (2026-11-23T09:00:00Z), or a duration before now (90d).");
        _to = Bound("--to", "Judges no record from after; a date stands for its whole day.");
        Check(_serviceUrl, text => ValueForms.Url.Read(text).Problem);
    }

    /// <summary>Gives a command the argument and the options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_paths);
        foreach (var option in (Option[])[_from, _to, _accounts, _regions, _lookup, _cache, _serviceUrl, _report, _keyPairs])
            command.Add(option);
        command.Validators.Add(result =>
        {
            var given = result.GetValue(_paths) ?? [];
            if (given.Length == 0 && !result.GetValue(_lookup))
                result.AddError("Nothing to read: give a PATH or --lookup-events.");
            if (given.Count(path => path is "-") > 1)
                result.AddError("Standard input (-) can be read once.");
        });
    }

    /// <summary>Gives a command the option to name objects to a queue besides.</summary>
    public void AddEnqueueTo(Command command)
    {
        var enqueue = new Option<string?>("--enqueue")
        {
            HelpName = "QUEUE",
            Description = "Judges nothing, but names the objects of s3:// to this queue (a URL), for any number of detectors that run with s3.notifications.",
        };
        Check(enqueue, text => ValueForms.Url.Read(text).Problem);
        command.Add(enqueue);
        command.Validators.Add(result =>
        {
            if (result.GetValue(enqueue) is not null && (result.GetValue(_lookup) || !(result.GetValue(_paths) ?? []).All(S3Place.IsMeant)))
                result.AddError("--enqueue goes with s3:// alone.");
        });
        _enqueue = enqueue;
    }

    /// <summary>What was given.</summary>
    /// <exception cref="StartException">A file of what is known before cannot be read.</exception>
    public ArchiveSettings Of(ParseResult parsed) =>
        new(
            new TrailPlaces(
                parsed.GetValue(_paths) ?? [],
                parsed.GetValue(_accounts) ?? [],
                parsed.GetValue(_regions) ?? [],
                parsed.GetValue(_lookup),
                parsed.GetValue(_cache),
                parsed.GetValue(_serviceUrl),
                _enqueue is null ? null : parsed.GetValue(_enqueue)
            ),
            new TimeRange(At(parsed.GetValue(_from), endOfDay: false), At(parsed.GetValue(_to), endOfDay: true)),
            Seeds.Read(parsed.GetValue(_report), parsed.GetValue(_keyPairs) ?? [])
        );

    private DateTimeOffset? At(string? text, bool endOfDay) =>
        text is not null && TimeBound.TryParse(text, endOfDay, _terminal.Time.GetUtcNow(), out var bound) ? bound : null;

    private static Argument<string[]> Paths()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files, folders, s3://bucket/prefix, and - for standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        paths.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (WhatIsWrongWith(token.Value) is { } wrong)
                    result.AddError($"{OneLine.Of(token.Value)} {wrong}.");
            }
        });
        return paths;
    }

    /// <summary>What is wrong with a PATH; null if nothing is.</summary>
    private static string? WhatIsWrongWith(string path) =>
        path is "-" ? null
        : S3Place.IsMeant(path) ? (S3Place.TryParse(path, out _) ? null : "is no s3://bucket/prefix")
        : Path.Exists(path) ? null
        : "is neither a file nor a folder";

    private Option<string?> Bound(string name, string description)
    {
        var bound = new Option<string?>(name) { HelpName = "TIME", Description = description };
        bound.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TimeBound.TryParse(token.Value, endOfDay: false, _terminal.Time.GetUtcNow(), out _))
                result.AddError($"{name}: {OneLine.Of(token.Value)} is no date (2026-11-23), time (2026-11-23T09:00:00Z) or duration (90d, 12h).");
        });
        return bound;
    }

    private static Option<string[]> Several(string name, string helpName, string description, Func<string, bool> isRight, string wrong)
    {
        var option = new Option<string[]>(name)
        {
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !isRight(token.Value)))
                result.AddError($"{name}: {OneLine.Of(token.Value)} {wrong}.");
        });
        return option;
    }

    private static void Check(Option<string?> option, Func<string, string?> whatIsWrongWith) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && whatIsWrongWith(token.Value) is { } wrong)
                result.AddError($"{option.Name}: {OneLine.Of(token.Value)} {wrong}.");
        });
}
