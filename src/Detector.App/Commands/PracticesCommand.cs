using Detector.App.Practices;
using Detector.App.Replays;
using Detector.Core.Detection;
using Detector.Core.Detection.Surveys;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>What <c>detector practices</c> was asked to do.</summary>
/// <param name="Trail">What is judged, and by which rules.</param>
/// <param name="Output">How the scorecard is written.</param>
internal sealed record PracticesSettings(TrailSettings Trail, ScorecardForm Output);

/// <summary>How a scorecard is written.</summary>
internal enum ScorecardForm
{
    /// <summary>For a terminal.</summary>
    Table,

    /// <summary>For programs: one object.</summary>
    Json,

    /// <summary>For people who were not there: one page that needs nothing else.</summary>
    Html,
}

/// <summary>Tells of each practice whether an archive shows that it is kept, and what that is worth.</summary>
internal static class PracticesCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(PracticesSettings settings, Terminal terminal)
    {
        var survey = new Survey();
        return TrailJudging.Run(settings.Trail, terminal, Tell, survey);

        int Tell(RuleSet rules, ReplayOutcome outcome)
        {
            var card = Make(settings.Trail, rules, outcome, survey, terminal.Time.GetUtcNow());
            switch (settings.Output)
            {
                case ScorecardForm.Json:
                    ScorecardJson.Write(terminal.Out, card);
                    break;
                case ScorecardForm.Html:
                    ScorecardPage.Write(terminal.Out, card);
                    break;
                default:
                    ScorecardTable.Write(terminal.Out, card, terminal.Width);
                    break;
            }
            TrailJudging.TellStop(outcome.Stopped, "the scorecard is that", terminal);
            return TrailJudging.ExitCodeOf(outcome);
        }
    }

    private static Scorecard Make(TrailSettings settings, RuleSet rules, ReplayOutcome outcome, Survey survey, DateTimeOffset now)
    {
        var tallies = new Tallies();
        foreach (var alert in outcome.Alerts)
            tallies.Add(alert);
        List<Seed> seeds =
        [
            .. settings.CredentialReport is null ? [] : new[] { Seed.CredentialReport },
            .. settings.KeyPairs.Count == 0 ? [] : new[] { Seed.KeyPairs },
        ];
        var judge = new PracticeJudge(new Holdings(survey, seeds), PracticeJudge.Watched(rules), Unread(outcome));
        return new Scorecard(
            now,
            new ScorecardScope(settings.Within, new PlaceScope(settings.Places.Accounts, settings.Places.Regions), seeds),
            survey,
            outcome.Stats.Files,
            outcome.Losses.Count,
            outcome.Stopped,
            rules.Detections.Concat<Rule>(rules.Correlations).Count(rules.AlertsByItself),
            tallies.Alerts,
            tallies.Unassigned,
            [.. PracticeCatalogue.All.Select(practice => judge.Judge(practice, tallies.Findings(practice), tallies.Evidence(practice)))]
        );
    }

    private static Gap? Unread(ReplayOutcome outcome) =>
        outcome.Stopped is not null ? new Gap("the reading was stopped", "the rest of the archive")
        : outcome.Losses.Count > 0 ? new Gap("part of the archive could not be read", "what standard error names, whole")
        : null;
}
