using System.CommandLine;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Files;
using Detector.App.Options;
using Detector.App.Replays;

namespace Detector.App.Commands;

/// <summary>The options that say where an archive lies.</summary>
internal sealed class PlaceOptions
{
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
    private readonly Option<string?> _enqueue = new("--enqueue")
    {
        HelpName = "QUEUE",
        Description = "Judges nothing, but names the objects of s3:// to this queue (a URL), for any number of detectors that run with s3.notifications.",
    };

    private readonly bool _mayEnqueue;
    private readonly bool _mayLookUp;

    /// <param name="mayEnqueue">Whether to name the objects to a queue is a choice.</param>
    /// <param name="mayLookUp">Whether CloudTrail's own history can be read: it has no digests.</param>
    public PlaceOptions(bool mayEnqueue, bool mayLookUp)
    {
        _mayEnqueue = mayEnqueue;
        _mayLookUp = mayLookUp;
        Check(_serviceUrl, text => ValueForms.Url.Read(text).Problem);
        Check(_enqueue, text => ValueForms.Url.Read(text).Problem);
    }

    /// <summary>What is wrong with a PATH; null if nothing is.</summary>
    public static string? WhatIsWrongWith(string path) =>
        path is "-" ? null
        : S3Place.IsMeant(path) ? (S3Place.TryParse(path, out _) ? null : "is no s3://bucket/prefix")
        : Path.Exists(path) ? null
        : "is neither a file nor a folder";

    public void AddTo(Command command, Argument<string[]> paths)
    {
        foreach (var option in (Option[])[_accounts, _regions, _lookup, _cache, _serviceUrl, _enqueue])
        {
            if ((option != _lookup || _mayLookUp) && (option != _enqueue || _mayEnqueue))
                command.Add(option);
        }
        command.Validators.Add(result =>
        {
            var given = result.GetValue(paths) ?? [];
            var lookup = result.ValueIfAny(_lookup);
            if (given.Length == 0 && !lookup)
                result.AddError(_mayLookUp ? "Nothing to read: give a PATH or --lookup-events." : "Nothing to read: give a PATH.");
            if (given.Count(path => path is "-") > 1)
                result.AddError("Standard input (-) can be read once.");
            if (result.ValueIfAny(_enqueue) is not null && (lookup || !given.All(S3Place.IsMeant)))
                result.AddError("--enqueue goes with s3:// alone.");
        });
    }

    public TrailPlaces Of(ParseResult parsed, Argument<string[]> paths) =>
        new(
            parsed.GetValue(paths) ?? [],
            parsed.GetValue(_accounts) ?? [],
            parsed.GetValue(_regions) ?? [],
            parsed.GetValue(_lookup),
            parsed.GetValue(_cache),
            parsed.GetValue(_serviceUrl),
            parsed.GetValue(_enqueue)
        );

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
