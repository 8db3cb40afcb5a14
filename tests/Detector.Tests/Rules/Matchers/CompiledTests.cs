using System.Text;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;
using FsCheck.Fluent;

namespace Detector.Tests.Rules.Matchers;

public sealed class CompiledTests
{
    [Fact]
    public void FromThese_AnyPredicates_HoldsWhereverTheConditionDoes()
    {
        var (held, fell) = (0, 0);
        var cases = from rules in Generated.Rules from records in Generated.Records from asked in Gen.Choose(0, int.MaxValue) select (rules, records, asked);
        Property.Holds(
            cases,
            x =>
            {
                foreach (var rule in x.rules)
                {
                    var fields = new FieldReader(Implied.Fields(rule.Condition));
                    var predicates = new PredicateTable(fields.Numbers);
                    var condition = Compiled.From(rule.Condition, predicates);
                    var some = condition.FromThese(isAsked);
                    var scratch = new MatchScratch(predicates.ToArray(), []);

                    Assert.All(some.Predicates, predicate => Assert.True(isAsked(predicate)));
                    foreach (var record in x.records)
                    {
                        scratch.NextRecord();
                        var view = fields.Read(Encoding.UTF8.GetBytes(record), scratch: scratch);
                        if (condition.Holds(view))
                        {
                            Assert.True(some.Holds(view), record);
                            held++;
                        }
                        else if (!some.Holds(view))
                        {
                            fell++;
                        }
                    }
                }

                bool isAsked(int predicate) => ((x.asked >> (predicate % 30)) & 1) == 1;
            },
            1_000
        );

        Assert.True(held > 1_000 && fell > 1_000, $"{held} held, {fell} fell: the generators hardly prove anything");
    }
}
