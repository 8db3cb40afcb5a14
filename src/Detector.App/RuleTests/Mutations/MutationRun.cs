using System.Text.Json.Nodes;
using Detector.Core.Rules;

namespace Detector.App.RuleTests.Mutations;

/// <summary>
/// Changes the cases of one folder that fire: broken in any one condition they must be quiet, and whatever preserves the attack they must stand, unless the rule
/// says why not.
/// </summary>
internal sealed class MutationRun(Bench bench, TestedRules tested)
{
    private readonly Breaking _breaking = new(bench);
    private readonly HashSet<(string Rule, string Mutation)> _excused = [];
    private int _preserving;

    /// <summary>How many changed cases were run.</summary>
    public int Tried => _preserving + _breaking.Tried;

    /// <summary>What was noticed that is no fault.</summary>
    public IReadOnlyList<string> Hints => [.. _breaking.Hints];

    /// <summary>What a case that fires does not stand.</summary>
    public IReadOnlyList<CaseFailure> Try(RuleCase one)
    {
        var content = one.Read();
        var fired = bench.Fired(content);
        var rules = (one.Expected is Expectation.Attempt ? tested.Attempts : tested.Rules).Where(rule => fired.Contains(rule.Key)).ToList();
        var records = CaseRecord.Read(content).ConvertAll(record => Json.Parse(record.Json));
        if (records.Contains(null))
            return [];
        return
        [
            .. rules.SelectMany(rule => _breaking.Try(rule, content)).Select(text => new CaseFailure(one, tested.Label, text, [])),
            .. Preserving.All.SelectMany(mutation => Stand(mutation, one, rules, records!)),
        ];
    }

    /// <summary>Excuses that rules make for nothing. Asked when all cases were tried.</summary>
    public IEnumerable<CaseFailure> Unneeded()
    {
        foreach (var rule in tested.All)
        {
            foreach (var name in rule.Mutations.Keys.Where(name => !_excused.Contains((rule.Key, name))).Order(StringComparer.Ordinal))
            {
                var reason = Preserving.All.Any(mutation => mutation.Name == name)
                    ? $"{rule.Label} stands the mutation {name} in every case: take the excuse out of its file"
                    : $"{rule.Label} excuses itself from {name}, and there is no such mutation: there are {string.Join(", ", Preserving.All.Select(m => m.Name))}";
                yield return new CaseFailure(new RuleCase(rule.Place.File, null), tested.Label, reason, []);
            }
        }
    }

    private IEnumerable<CaseFailure> Stand(Mutation mutation, RuleCase one, List<Rule> rules, List<JsonObject> records)
    {
        var concerned = rules.Where(rule => mutation.Concerns?.Invoke([.. bench.Rules.Only([rule]).Detections.SelectMany(d => d.Fields)]) != false).ToList();
        if (concerned.Count == 0)
            yield break;
        var content = mutation.Apply(records.ConvertAll(record => (JsonObject)record.DeepClone()));
        _preserving++;
        var fired = bench.Fired(content);
        foreach (var rule in concerned.Where(rule => !fired.Contains(rule.Key)))
        {
            if (rule.Mutations.ContainsKey(mutation.Name))
            {
                _excused.Add((rule.Key, mutation.Name));
                continue;
            }
            yield return new CaseFailure(
                one,
                tested.Label,
                $"{rule.Label} does not fire any more under the mutation {mutation.Name} ({mutation.Meaning}): make it, or say why not in {rule.Place.File}: "
                    + $"detector: {{mutations: {{{mutation.Name}: the reason}}}}",
                [.. bench.Rules.Only([rule]).Detections.SelectMany(detection => CaseRun.NearestRecord(detection, content))]
            );
        }
    }
}
