using System.Globalization;
using System.Text.Json;
using Detector.App.AwsFacts;

namespace Detector.App.Infra;

/// <summary>Tells a plan of patterns, to people or to programs.</summary>
internal static class PlanOutput
{
    /// <summary>What a rule is called that has the pattern of this number, from 1.</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"detector-{number}");

    public static void Text(TextWriter output, PatternPlan plan, PassingEstimate? estimate, IReadOnlyList<string> except)
    {
        output.WriteLine(
            $"{Count(plan.Patterns.Count, "pattern")} for {Count(plan.Rules, "rule")}, each at most {plan.Limit} characters: every event that a rule can meet passes one of them."
        );
        if (except.Count > 0)
            output.WriteLine($"Left out, and blind where nobody else asks for their events: {OneLine.Of(string.Join(", ", except))}.");
        foreach (var (index, pattern) in plan.Patterns.Index())
        {
            output.WriteLine();
            output.WriteLine($"{NameOf(index + 1)}, {pattern.Json.Length} characters, state {PatternPlan.State}");
            output.WriteLine(OneLine.Of(pattern.Json));
        }
        if (plan.Patterns.Count > PatternPlan.RulesOfBus)
            output.WriteLine(
                $"\nThese are more rules than the {PatternPlan.RulesOfBus} that a bus may have: ask AWS for more, or for longer patterns (--limit)."
            );
        List(output, "Asked for whatever the call; each can be left out (--except RULE)", plan.Wide);
        List(output, $"Calls that only read: they come only in the state {PatternPlan.State}, as do those above that read", plan.ReadOnly);
        List(output, "Data events: they come only if a trail records them", plan.Data);
        List(output, $"Global services: their events appear in one region ({string.Join(", ", GlobalServices.HomeRegions)})", plan.Global);
        output.WriteLine();
        output.WriteLine("What EventBridge does not bring:");
        foreach (var text in PatternPlan.Unreachable)
            output.WriteLine($"  {text}");
        if (estimate is not null)
            Text(output, estimate);
    }

    public static void Json(TextWriter output, PatternPlan plan, PassingEstimate? estimate, IReadOnlyList<string> except) =>
        JsonOut.Write(
            output,
            json =>
            {
                json.WriteNumber("rules", plan.Rules);
                json.WriteNumber("limit", plan.Limit);
                json.WriteTexts("except", except);
                json.WriteArray(
                    "patterns",
                    plan.Patterns.Index(),
                    pattern =>
                    {
                        json.WriteString("name", NameOf(pattern.Index + 1));
                        json.WriteString("state", PatternPlan.State);
                        json.WriteNumber("characters", pattern.Item.Json.Length);
                        json.WritePropertyName("pattern");
                        json.WriteRawValue(pattern.Item.Json);
                        json.WriteString("text", pattern.Item.Json);
                    }
                );
                Needs(json, "wide", plan.Wide);
                Needs(json, "readOnly", plan.ReadOnly);
                json.WriteTexts("needReadOnly", plan.Reading);
                Needs(json, "dataEvents", plan.Data);
                Needs(json, "global", plan.Global);
                json.WriteTexts("globalRegions", GlobalServices.HomeRegions);
                json.WriteTexts("notThroughEventBridge", PatternPlan.Unreachable);
                if (estimate is not null)
                    Json(json, estimate);
            }
        );

    private static void Needs(Utf8JsonWriter json, string name, IEnumerable<Need> needs) =>
        json.WriteArray(
            name,
            needs,
            need =>
            {
                json.WriteString("what", need.What);
                json.WriteTexts("rules", need.Rules);
            }
        );

    private static void Json(Utf8JsonWriter json, PassingEstimate estimate)
    {
        json.WriteStartObject("estimate");
        json.WriteNumber("days", Math.Round(estimate.Days, 2));
        json.WriteNumber("records", estimate.Records);
        json.WriteNumber("passing", estimate.Passing);
        json.WriteNumber("passingPerMonth", estimate.PerMonth);
        json.WriteNumber("messages", estimate.Messages);
        json.WriteNumber("messagesPerMonth", estimate.MessagesPerMonth);
        json.WriteNumber("queueDollarsPerMonth", estimate.QueueCost);
        json.WriteNumber("forwardDollarsPerMonth", estimate.ForwardCost);
        json.WriteTexts("assumptions", Assumptions(estimate));
        json.WriteArray(
            "by",
            estimate.By,
            part =>
            {
                json.WriteString("what", PatternPlan.Words(part.Wanted));
                json.WriteNumber("passing", part.Passing);
            }
        );
        json.WriteEndObject();
    }

    private static void Text(TextWriter output, PassingEstimate estimate)
    {
        output.WriteLine();
        output.WriteLine(
            $"Of {Number(estimate.Records)} records in {estimate.Days.ToString("0.#", CultureInfo.InvariantCulture)} days {Number(estimate.Passing)} pass ({Share(estimate.Passing, estimate.Records)}), as {Number(estimate.Messages)} messages: about {Number(estimate.PerMonth)} and {Number(estimate.MessagesPerMonth)} a month, ${Money(estimate.QueueCost)} on the queue, and up to ${Money(estimate.ForwardCost)} for forwarding."
        );
        foreach (var (wanted, passing) in estimate.By.Where(part => part.Passing > 0))
            output.WriteLine($"  {Number(passing), 12}  {OneLine.Of(PatternPlan.Words(wanted))}");
        foreach (var assumption in Assumptions(estimate))
            output.WriteLine($"  Assumed: {assumption}.");
    }

    private static IEnumerable<string> Assumptions(PassingEstimate estimate) =>
        [
            "a month is like the archive's days, and the archive holds all records of the accounts and regions that will be watched",
            "an event that several patterns let pass comes as so many messages, of which the detector tells once",
            "events of AWS services cost nothing on the bus of the account and region where they happen",
            $"a queue's request costs ${Money(PassingEstimate.QueueMillion)} a million, and a message takes {PassingEstimate.RequestsAMessage} of them; {Number(PassingEstimate.IdleReceives)} receives a month find nothing",
            $"forwarding to a bus of another region or account costs ${Money(PassingEstimate.ForwardMillion)} a million, at most {Number(estimate.MessagesPerMonth)} events",
            "list prices of us-east-1; free tiers, the container, the file system and the alarms are not counted",
        ];

    private static void List(TextWriter output, string title, IReadOnlyList<Need> needs)
    {
        if (needs.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach (var alike in needs.GroupBy(need => string.Join(", ", need.Rules), StringComparer.Ordinal))
            output.WriteLine(OneLine.Of($"  {string.Join(", ", alike.Select(need => need.What))}: {alike.Key}"));
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Money(decimal dollars) => dollars.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => whole == 0 ? "none" : (100.0 * part / whole).ToString("0.##", CultureInfo.InvariantCulture) + " %";
}
