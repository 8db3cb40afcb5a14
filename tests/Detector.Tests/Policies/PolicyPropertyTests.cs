using Detector.Core.Policies;
using FsCheck.Fluent;

namespace Detector.Tests.Policies;

public sealed class PolicyPropertyTests
{
    [Fact]
    public void Answers_SamePolicySpeltOtherwise_AreTheSame() =>
        Property.Holds(
            from policy in GeneratedPolicy.Any
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select (policy, seed),
            made =>
            {
                var rewritten = made.policy.Rewrite(new Random(made.seed));

                Assert.Equal(
                    System.Text.Encoding.UTF8.GetString(Policy.Ask(made.policy.Write()).ToJson()),
                    System.Text.Encoding.UTF8.GetString(Policy.Ask(rewritten).ToJson())
                );
            },
            3000
        );

    [Fact]
    public void Grants_EveryActionOnEveryResource_AreThoseOfTheSlowEvaluation() =>
        Property.Holds(
            GeneratedPolicy.Any,
            policy =>
            {
                var document = Policy.Read(policy.Write());
                var grants = Grants.Of(
                    [.. document.Statements.Select(statement => Reach.Of(statement, null))],
                    s => s.Allows ? s.Condition.IsTrivial(Policy.At) : s.Condition.IsCertain(Policy.At)
                );
                foreach (var probe in Probes.All)
                {
                    for (var i = 0; i < probe.Resources.Length; i++)
                    {
                        Assert.Equal(IsAllowed(policy, probe.Action, Probes.Resources[probe.Resources[i]]), grants[probe, i]);
                    }
                }
            },
            300
        );

    [Fact]
    public void IsAdministrativeIn_AnswersAsText_IsWhatTheAnswersSay() =>
        Property.Holds(
            GeneratedPolicy.Any,
            policy =>
            {
                var answers = Policy.Ask(policy.Write());

                Assert.Equal(answers.IsAdministrative, PolicyAnswers.IsAdministrativeIn(System.Text.Encoding.UTF8.GetString(answers.ToJson())));
            },
            1000
        );

    [Fact]
    public void Administration_IsEverything_ExactlyWhereEveryProbeIsAllowed() =>
        Property.Holds(
            GeneratedPolicy.Any,
            policy =>
            {
                var all = Probes.All.Where(probe => probe.PassedTo is null).All(probe => NotOwn(probe).All(r => IsAllowed(policy, probe.Action, r)));

                Assert.Equal(all, Policy.Ask(policy.Write()).Administration == Administration.Everything);
            },
            1000
        );

    [Fact]
    public void Paths_OfOneAction_AreOpenExactlyWhereTheSlowEvaluationAllowsIt()
    {
        string[] names = ["iam:CreatePolicyVersion", "iam:CreateAccessKey", "iam:PutRolePolicy", "iam:AddUserToGroup", "sts:AssumeRole"];
        Property.Holds(
            GeneratedPolicy.Any,
            policy =>
            {
                var paths = Policy.Ask(policy.Write()).Paths.Where(path => !path.IsConditioned).Select(path => path.Name).ToList();
                foreach (var name in names)
                {
                    var probe = Probes.Of(name);
                    Assert.Equal(NotOwn(probe).All(r => IsAllowed(policy, probe.Action, r)), paths.Contains(name));
                }
            },
            1000
        );
    }

    [Fact]
    public void Wildcard_AnyPattern_MatchesAsTheObviousRecursion() =>
        Property.Holds(
            from pattern in Gen.Elements('*', '?', 'a', 'b').ArrayOf()
            from text in Gen.Elements('a', 'b').ArrayOf()
            select (pattern: new string([.. pattern.Take(8)]), text: new string([.. text.Take(8)])),
            made =>
            {
                Assert.Equal(Matches(made.pattern, made.text), Wildcard.Matches(made.pattern, made.text));
                Assert.Equal(Matches(made.pattern, made.text), Wildcard.Matches(Wildcard.Collapse(made.pattern), made.text));
            },
            3000
        );

    private static IEnumerable<string> NotOwn(Probe probe) =>
        probe.Resources.Select(number => Probes.Resources[number]).Where(resource => !resource.EndsWith(Probes.Self, StringComparison.Ordinal));

    /// <summary>IAM's logic as AWS tells it: a Deny that applies wins; else an Allow that applies; else no.</summary>
    private static bool IsAllowed(GeneratedPolicy policy, string action, string resource)
    {
        bool Applies(GeneratedPolicy.Part part) =>
            part.When is not { IsReal: true }
            && part.IsNotAction != part.Actions.Any(a => Matches(a.ToLowerInvariant(), action))
            && part.IsNotResource != part.Resources.Any(r => Matches(r, resource));
        return !policy.Statements.Any(part => !part.Allows && Applies(part)) && policy.Statements.Any(part => part.Allows && Applies(part));
    }

    private static bool Matches(string pattern, string text) =>
        pattern is "" ? text is ""
        : pattern[0] == '*' ? Matches(pattern[1..], text) || (text is not "" && Matches(pattern, text[1..]))
        : text is not "" && (pattern[0] == '?' || pattern[0] == text[0]) && Matches(pattern[1..], text[1..]);
}
