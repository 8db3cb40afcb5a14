using System.CommandLine;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.App.Commands;

/// <summary>What a command that judges an archive was told of it.</summary>
/// <param name="Rules">Which rules.</param>
/// <param name="Within">Records from outside are not judged.</param>
/// <param name="Places">What is read.</param>
/// <param name="CredentialReport">An IAM credential report; null if none was given.</param>
/// <param name="KeyPairs">Answers of describe-key-pairs, each as <c>ACCOUNT/REGION=FILE</c>.</param>
internal sealed record TrailSettings(RulesOptions Rules, TimeRange Within, TrailPlaces Places, string? CredentialReport, IReadOnlyList<string> KeyPairs)
{
    /// <summary>How it is replayed.</summary>
    /// <exception cref="StartException">A file of what is known before cannot be read.</exception>
    public ReplayOptions Replay(Terminal terminal) =>
        new(Path.GetTempPath(), terminal.Time)
        {
            Progress = terminal.ErrorIsTerminal ? terminal.Error : null,
            Places = new PlaceScope(Places.Accounts, Places.Regions),
            Known = Seeds.Read(CredentialReport, KeyPairs),
        };
}

/// <summary>The argument and the options of commands that judge an archive.</summary>
internal sealed class TrailOptions
{
    private readonly Terminal _terminal;
    private readonly Argument<string[]> _paths = Paths();
    private readonly Option<string[]> _rules = CommandLine.RulesThatAreThere();
    private readonly Argument<string>? _ownRules;
    private readonly bool _judges;
    private readonly Option<string?> _from;
    private readonly Option<string?> _to;
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
    private readonly PlaceOptions _places;

    /// <param name="terminal">Tells the time that durations count back from.</param>
    /// <param name="mayEnqueue">Whether the archive's objects may be named to a queue in place of being judged.</param>
    /// <param name="rules">The rules by which it is judged, if the command asks for them in its own way.</param>
    /// <param name="judges">Whether rules are tried on the records.</param>
    public TrailOptions(Terminal terminal, bool mayEnqueue = false, Argument<string>? rules = null, bool judges = true)
    {
        _terminal = terminal;
        _ownRules = rules;
        _judges = judges;
        _places = new PlaceOptions(mayEnqueue, mayLookUp: judges);
        _from = Bound("--from", "Judges no record from before: a date, a time (2026-11-23T09:00:00Z), or a duration before now (90d).", terminal);
        _to = Bound(
            "--to",
            "Judges no record from after; a date stands for its whole day. For rules that wait for silence, time ends there, but never in the future.",
            terminal
        );
    }

    public void AddTo(Command command)
    {
        command.Add(_paths);
        if (_ownRules is null && _judges)
            command.Add(_rules);
        foreach (var option in _judges ? (Option[])[_from, _to, _report, _keyPairs] : [_from, _to])
            command.Add(option);
        _places.AddTo(command, _paths);
        command.Validators.Add(result =>
        {
            if (At(result.ValueIfAny(_from), endOfDay: false) > At(result.ValueIfAny(_to), endOfDay: true))
                result.AddError("--from is behind --to, so no record could be judged.");
        });
    }

    /// <summary>Whether rules were named.</summary>
    public bool HasRules(ParseResult parsed) => parsed.GetValue(_rules) is [_, ..];

    public TrailSettings Of(ParseResult parsed) =>
        new(
            RulesOptions.Of(_ownRules is { } rules ? [parsed.GetValue(rules)!] : parsed.GetValue(_rules) ?? []),
            new TimeRange(At(parsed.GetValue(_from), endOfDay: false), At(parsed.GetValue(_to), endOfDay: true)),
            _places.Of(parsed, _paths),
            parsed.GetValue(_report),
            parsed.GetValue(_keyPairs) ?? []
        );

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
                if (PlaceOptions.WhatIsWrongWith(token.Value) is { } wrong)
                    result.AddError($"{OneLine.Of(token.Value)} {wrong}.");
            }
        });
        return paths;
    }

    private static Option<string?> Bound(string name, string description, Terminal terminal)
    {
        var bound = new Option<string?>(name) { HelpName = "TIME", Description = description };
        bound.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TimeBound.TryParse(token.Value, endOfDay: false, terminal.Time.GetUtcNow(), out _))
                result.AddError($"{name}: {OneLine.Of(token.Value)} is no date (2026-11-23), time (2026-11-23T09:00:00Z) or duration (90d, 12h).");
        });
        return bound;
    }

    private DateTimeOffset? At(string? text, bool endOfDay) =>
        text is not null && TimeBound.TryParse(text, endOfDay, _terminal.Time.GetUtcNow(), out var bound) ? bound : null;
}
