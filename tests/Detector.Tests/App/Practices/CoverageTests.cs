using Detector.App;
using Detector.App.Practices;

namespace Detector.Tests.App.Practices;

public sealed class CoverageTests
{
    [Fact]
    public void Document_OfCoverage_IsMadeFromTheRules() =>
        WrittenDocument.Holds("coverage.md", "coverage", string.Join('\n', Coverage.Table(RuleLoad.From([Repository.PathOf("rules")]).Rules)));
}
