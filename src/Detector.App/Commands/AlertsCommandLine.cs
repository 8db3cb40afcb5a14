using System.CommandLine;
using System.Globalization;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>The commands about alerts that were told, and their options.</summary>
internal static class AlertsCommandLine
{
    public static Command Create(Terminal terminal) =>
        new("alerts", "Tells what was told: reads the ledger, also while a detector runs on it.") { List(terminal), Show(terminal), Resend(terminal) };

    private static Command List(Terminal terminal)
    {
        var place = new LedgerPlace();
        var from = Bound(
            "--from",
            "Alerts that the ledger took then or later: a date, a time (2026-11-23T09:00:00Z), or a duration before now (7d).",
            terminal
        );
        from.Aliases.Add("--since");
        var to = Bound("--to", "Alerts that it took before; a date stands for its whole day.", terminal);
        var level = new Option<Level?>("--level")
        {
            HelpName = "LEVEL",
            Description = "The least severe that is listed: informational, low, medium, high or critical.",
        };
        level.OneOf([.. Enum.GetValues<Level>().Select(one => one.Word())], StringComparer.OrdinalIgnoreCase);
        var rule = Text("--rule", "NAME", "Alerts of the rule of this name or id.");
        var account = Text("--account", "ACCOUNT", "Alerts about this account.");
        var sink = Text("--sink", "SINK", "Alerts that this sink was to have: slack, sns, console, jsonl; of a route of Slack's slack:CHANNEL.");
        var digest = Text("--digest", "ID", "Alerts that were told in this digest; an id may be shortened.");
        var state = new Option<AlertState?>("--state")
        {
            HelpName = "STATE",
            Description = "pending, delivered, refused, suppressed, or unrouted: no sink was to have it.",
        };
        state.OneOf([.. Enum.GetNames<AlertState>().Select(one => one.ToLowerInvariant())], StringComparer.OrdinalIgnoreCase);
        var limit = new Option<int>("--limit")
        {
            HelpName = "N",
            Description = "The most that are listed, the last first.",
            DefaultValueFactory = _ => 100,
        };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, CultureInfo.InvariantCulture, out var most) && most is > 0 and < int.MaxValue))
                result.AddError($"--limit: {OneLine.Of(token.Value)} is no number from 1 on.");
        });
        var output = Output();
        var list = new Command(
            "list",
            """
            Lists alerts, those last first that the ledger took last, with what became of them at each sink.

            Examples:
              detector alerts list --from 24h --level high
              detector alerts list --state pending --sink slack
              detector alerts list --rule root-usage --account 111122223333 --output json
              detector alerts list --ledger /var/lib/detector/detector.db --limit 1000

            Exit codes: 0 done, 2 there is no such ledger, or it is none.
            """
        )
        {
            from,
            to,
            level,
            rule,
            account,
            sink,
            digest,
            state,
            limit,
            output,
        };
        place.AddTo(list);
        list.SetAction(parsed =>
            Startup.Tool(
                () =>
                    AlertsCommand.List(
                        place.Of(parsed, terminal),
                        new AlertsListSettings(
                            new AlertQuery { From = At(parsed.GetValue(from), false, terminal), To = At(parsed.GetValue(to), true, terminal) },
                            parsed.GetValue(level),
                            parsed.GetValue(rule),
                            parsed.GetValue(account),
                            parsed.GetValue(sink),
                            parsed.GetValue(digest)?.ToLowerInvariant(),
                            parsed.GetValue(state),
                            parsed.GetValue(limit),
                            parsed.GetValue(output) == "json"
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return list;
    }

    private static Command Show(Terminal terminal)
    {
        var (place, id, output) = (new LedgerPlace(), Id(), Output());
        var show = new Command(
            "show",
            """
            Shows one alert whole, with its deliveries: how often each was tried, what came of it, and why not.

            Examples:
              detector alerts show 6a1f0c1e
              detector alerts show 6a1f0c1e --output json

            Exit codes: 0 done, 2 there is no such alert, or the id is short for several.
            """
        )
        {
            id,
            output,
        };
        place.AddTo(show);
        show.SetAction(parsed =>
            Startup.Tool(() => AlertsCommand.Show(place.Of(parsed, terminal), parsed.GetValue(id)!, parsed.GetValue(output) == "json", terminal), terminal)
        );
        return show;
    }

    private static Command Resend(Terminal terminal)
    {
        var (place, id) = (new LedgerPlace(), Id());
        var sink = Text("--sink", "SINK", "Only to this sink.");
        var resend = new Command(
            "resend",
            """
            Makes an alert's deliveries due again, whatever became of them. A detector that runs on the ledger sends them within seconds; otherwise the next one
            to start does. To ask twice sends once.

            Examples:
              detector alerts resend 6a1f0c1e
              detector alerts resend 6a1f0c1e --sink slack

            Exit codes: 0 done, 2 there is no such alert, or it was never for that sink.
            """
        )
        {
            id,
            sink,
        };
        place.AddTo(resend);
        resend.SetAction(parsed =>
            Startup.Tool(() => AlertsCommand.Resend(place.Of(parsed, terminal), parsed.GetValue(id)!, parsed.GetValue(sink), terminal), terminal)
        );
        return resend;
    }

    private static Argument<string> Id()
    {
        var id = new Argument<string>("ID") { Description = "The alert's id, or as much of its beginning as no other has." };
        id.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(token.Value is { Length: >= 4 and <= 32 } text && text.All(char.IsAsciiHexDigit)))
                result.AddError($"{OneLine.Of(token.Value)} is no id of an alert: 4 to 32 hexadecimal digits.");
        });
        return id;
    }

    private static Option<string?> Text(string name, string help, string description) => new(name) { HelpName = help, Description = description };

    private static Option<string> Output()
    {
        var output = new Option<string>("--output")
        {
            HelpName = "table|json",
            Description = "How to answer: for people, or one JSON object per alert and line.",
            DefaultValueFactory = _ => "table",
        };
        return output.OneOf(["table", "json"]);
    }

    private static Option<string?> Bound(string name, string description, Terminal terminal)
    {
        var bound = Text(name, "TIME", description);
        bound.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && At(token.Value, false, terminal) is null)
                result.AddError($"{name}: {OneLine.Of(token.Value)} is no date (2026-11-23), time (2026-11-23T09:00:00Z) or duration (90d, 12h).");
        });
        return bound;
    }

    private static DateTimeOffset? At(string? text, bool endOfDay, Terminal terminal) =>
        text is not null && TimeBound.TryParse(text, endOfDay, terminal.Time.GetUtcNow(), out var bound) ? bound : null;

    /// <summary>The options that say which ledger.</summary>
    private sealed class LedgerPlace
    {
        private readonly Option<string?> _file = Text(
            "--ledger",
            "FILE",
            "The ledger's file; otherwise what the configuration says: ledger.file or ledger.redis."
        );
        private readonly Option<string?> _config = Text("--config", "FILE", "The configuration; otherwise detector.yaml, if it is there.");

        public void AddTo(Command command)
        {
            command.Add(_file);
            command.Add(_config);
        }

        /// <exception cref="StartException">The configuration is wrong.</exception>
        public LedgerOptions Of(ParseResult parsed, Terminal terminal)
        {
            if (parsed.GetValue(_file) is { } file)
                return new LedgerOptions(file, null, default, default);
            return ReplayCommandLine.Configured(parsed.GetValue(_config), terminal).Ledger;
        }
    }
}
