using System.Text.Json;
using System.Text.Json.Nodes;
using Detector.Adapters.Aws.Inspection;
using Detector.App.Infra;
using Detector.App.Options;
using Detector.App.RuleTests;
using Detector.Core.Rules;
using Detector.Core.Rules.Wanting;

namespace Detector.App.Doctor;

/// <summary>
/// Whether the EventBridge rules are on, send to the queue, and let pass what the loaded rules need. Patterns as <c>infra pattern</c> makes them are known to do that; of
/// others EventBridge itself is asked, with events that the rules need.
/// </summary>
internal sealed class RuleCheck(IAccountReader aws, DeploymentOptions deployment, RuleSet rules, TimeProvider time)
{
    /// <summary>Questions that are asked of EventBridge at once.</summary>
    private const int AtOnce = 8;

    private const int RulesTold = 5;

    private readonly PatternPlan _plan = PatternPlan.For(rules, EventPattern.DefaultLimit);

    public async Task<IReadOnlyList<Finding>> LookAsync(QueueState? queue, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var feeding = new List<(string? Bus, RuleState Rule)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var bus in deployment.Bus is null ? new string?[] { null } : [null, deployment.Bus])
            await Examination.AddAsync(findings, "rules", () => BusAsync(bus, queue, feeding, seen, cancellation));
        // What may not be seen is not missing.
        if (findings.Exists(finding => finding.State == FindingState.Unknown))
            return findings;
        foreach (var name in deployment.Rules.Where(name => !seen.Any(rule => IsNamed(rule, name))))
            findings.Add(Finding.Problem("rules", $"there is no rule {name}", "deploy it again, and ask who deleted it"));
        if (queue is not null && feeding.FindAll(one => !QueueCheck.Admits(queue, one.Rule.Arn, time.GetUtcNow())) is { Count: > 0 } shut)
            findings.Add(
                Finding.Problem(
                    "rules",
                    $"what these let pass is lost, as the queue's policy does not let them send: {string.Join(", ", shut.Select(one => one.Rule.Name))}",
                    $"add to the queue's policy {QueueCheck.Statement(queue.Attributes.GetValueOrDefault("QueueArn", ""), shut.Select(one => one.Rule.Arn))}"
                )
            );
        var on = feeding.FindAll(one => one.Rule.State.StartsWith("ENABLED", StringComparison.Ordinal) && one.Rule.Pattern is not null);
        if (feeding.Count == 0)
            findings.Add(
                Finding.Problem(
                    "rules",
                    "no rule sends events to the queue",
                    "deploy infra/terraform, or aws events put-rule and put-targets as docs/deploying.md shows"
                )
            );
        else if (on.Count > 0)
            await Examination.AddAsync(findings, "patterns", () => PatternsAsync(AtHome(on), cancellation));
        return findings;
    }

    /// <summary>The account's own events come on the default bus: what is let pass on the other was chosen where it was forwarded.</summary>
    private static List<RuleState> AtHome(List<(string? Bus, RuleState Rule)> on) =>
        [.. (on.Exists(one => one.Bus is null) ? on.FindAll(one => one.Bus is null) : on).Select(one => one.Rule)];

    private async Task<IReadOnlyList<Finding>> BusAsync(
        string? bus,
        QueueState? queue,
        List<(string? Bus, RuleState Rule)> feeding,
        HashSet<string> seen,
        CancellationToken cancellation
    )
    {
        var findings = new List<Finding>();
        var arn = queue?.Attributes.GetValueOrDefault("QueueArn");
        foreach (var rule in await aws.RulesAsync(bus, cancellation))
        {
            var isOurs = deployment.Rules.Any(name => IsNamed(rule.Name, name));
            // Without names the rules that could be ours are those about CloudTrail.
            if (!isOurs && (deployment.Rules.Count > 0 || rule.Pattern?.Contains("CloudTrail", StringComparison.Ordinal) is not true))
                continue;
            seen.Add(rule.Name);
            var targets = await aws.TargetsAsync(bus, rule.Name, cancellation);
            var feeds = arn is null || targets.Contains(arn, StringComparer.Ordinal);
            if (feeds)
                feeding.Add((bus, rule));
            else if (isOurs)
                findings.Add(
                    Finding.Problem(
                        "rules",
                        $"{rule.Name} does not send to the queue",
                        $"aws events put-targets --rule {rule.Name}{OnBus(bus)} --targets Id=detector-events,Arn={arn}, and ask who took it away"
                    )
                );
            if (isOurs || feeds)
                findings.Add(State(bus, rule));
        }
        return findings;
    }

    private Finding State(string? bus, RuleState rule)
    {
        var looking = _plan.Reading;
        return rule.State switch
        {
            PatternPlan.State => Finding.Ok("rules", $"{rule.Name} is on"),
            "ENABLED" when looking.Count == 0 => Finding.Ok("rules", $"{rule.Name} is on; no rule asks for calls that only read, so they are left out"),
            "ENABLED" => Finding.Problem(
                "rules",
                $"{rule.Name} is on, but not for calls that only read: {looking.Count} rules that look for them see less, or nothing: {Some(looking)}",
                SwitchOn(bus, rule)
            ),
            _ => Finding.Problem("rules", $"{rule.Name} is off ({OneLine.Of(rule.State)})", $"{SwitchOn(bus, rule)}, and ask who disabled it"),
        };
    }

    /// <summary>PutRule wants the pattern again. EnableRule would not do: it leaves out calls that only read.</summary>
    private static string SwitchOn(string? bus, RuleState rule) =>
        $"aws events put-rule --name {rule.Name}{OnBus(bus)} --state {PatternPlan.State} --event-pattern "
        + $"\"$(aws events describe-rule --name {rule.Name}{OnBus(bus)} --query EventPattern --output text)\"";

    private static string OnBus(string? bus) => bus is null ? "" : $" --event-bus-name {bus}";

    private static string Some(IReadOnlyCollection<string> names) => $"{string.Join(", ", names.Take(RulesTold))}{(names.Count > RulesTold ? ", ..." : "")}";

    private async Task<IReadOnlyList<Finding>> PatternsAsync(List<RuleState> on, CancellationToken cancellation)
    {
        var deployed = on.Select(rule => rule.Pattern!).Distinct(StringComparer.Ordinal).ToList();
        if (deployed.Exists(IsEverything) || _plan.Patterns.All(pattern => deployed.Exists(other => IsSame(pattern.Json, other))))
            return [Finding.Ok("patterns", $"let pass what {_plan.Rules} rules need")];
        var blind = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var gate = new SemaphoreSlim(AtOnce);
        await Task.WhenAll(Samples().Select(TryAsync));
        return
        [
            blind.Count == 0
                ? Finding.Ok("patterns", "are not those of infra pattern, and let pass every event that was tried")
                : Finding.Problem(
                    "patterns",
                    $"{blind.Count} rules miss events that they need: {Some([.. blind.Select(one => $"{one.Key} ({one.Value})")])}",
                    "deploy the patterns that detector infra pattern prints for the rules that run (infra terraform, infra cloudformation: as files)"
                ),
        ];

        async Task TryAsync((IReadOnlyList<string> Rules, string What, string Envelope) sample)
        {
            await gate.WaitAsync(cancellation);
            try
            {
                foreach (var pattern in deployed)
                {
                    if (await aws.PassesAsync(pattern, sample.Envelope, cancellation))
                        return;
                }
                lock (blind)
                {
                    foreach (var rule in sample.Rules)
                        blind.TryAdd(rule, sample.What);
                }
            }
            finally
            {
                gate.Release();
            }
        }
    }

    /// <summary>An event for each thing that a rule wants, as bare as can be, and the first case of each rule that has some, as full as events are.</summary>
    private IEnumerable<(IReadOnlyList<string> Rules, string What, string Envelope)> Samples()
    {
        var bare =
            from tried in rules.Tried
            let served = rules.Served(tried)
            where served.Count > 0
            from wanted in WantedRecords.Of(tried)
            from record in Bare(wanted)
            select (Labels(served), wanted.IsWide ? PatternPlan.Words(wanted) : What(record), Envelope(record));
        var full =
            from tested in TestedRules.Of(rules)
            let one = tested.Cases.FirstOrDefault(one => one.Expected == Expectation.Fires)
            where one is not null
            from record in CaseRecord.Read(one.Read()).TakeLast(1)
            let json = JsonNode.Parse(record.Json) as JsonObject
            where json is not null
            select (Labels(tested.Rules), What(json), Envelope(json));
        return bare.Concat(full)
            .GroupBy(sample => sample.Item3, StringComparer.Ordinal)
            .Select(same =>
                ((IReadOnlyList<string>)[.. same.SelectMany(sample => sample.Item1).Distinct(StringComparer.Ordinal)], same.First().Item2, same.Key)
            );

        static IReadOnlyList<string> Labels(IEnumerable<Rule> rules) => [.. rules.Select(rule => rule.Label)];
    }

    /// <summary>A record for each name, with the first value of every other field.</summary>
    private static IEnumerable<JsonObject> Bare(Wanted wanted)
    {
        var names = wanted.Fields.GetValueOrDefault("eventName") ?? [WantedValue.Any];
        foreach (var name in names)
        {
            var record = new JsonObject { ["eventName"] = name.Kind == WantedKind.Any ? "Some" : name.Text, ["eventSource"] = "some.amazonaws.com" };
            foreach (var (path, values) in wanted.Fields.Where(field => field.Key != "eventName"))
            {
                var parts = path.Split('.');
                var holder = parts.Length == 1 ? record : (JsonObject)(record[parts[0]] ??= new JsonObject());
                holder[parts[^1]] = values[0].Kind == WantedKind.Any ? "Some" : values[0].Text;
            }
            yield return record;
        }
    }

    private static string What(JsonObject record) => $"{Text(record, "eventSource")?.Split('.')[0]} {Text(record, "eventName")}";

    private static string? Text(JsonObject record, string name) => record[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Envelope(JsonObject record)
    {
        var source = Text(record, "eventSource");
        var envelope = new JsonObject
        {
            ["version"] = "0",
            ["id"] = "00000000-0000-0000-0000-000000000000",
            ["detail-type"] = source == "signin.amazonaws.com" ? "AWS Console Sign In via CloudTrail" : "AWS API Call via CloudTrail",
            ["source"] = $"aws.{source?.Split('.')[0]}",
            ["account"] = "111122223333",
            ["time"] = "2026-01-01T00:00:00Z",
            ["region"] = "us-east-1",
            ["resources"] = new JsonArray(),
            ["detail"] = record.DeepClone(),
        };
        return envelope.ToJsonString();
    }

    /// <summary>Whether a pattern asks for nothing but that CloudTrail sends the event.</summary>
    private static bool IsEverything(string pattern) => IsSame(pattern, EventPattern.Everything.Json);

    /// <summary>Whether two patterns are the same but for order of members and white space.</summary>
    private static bool IsSame(string one, string other)
    {
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(one), JsonNode.Parse(other));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsNamed(string rule, string name) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(name, rule, ignoreCase: false);
}
