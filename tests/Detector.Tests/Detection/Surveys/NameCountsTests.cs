using System.Text;
using Detector.Core.Detection.Surveys;
using FsCheck.Fluent;

namespace Detector.Tests.Detection.Surveys;

public sealed class NameCountsTests
{
    [Fact]
    public void Add_AnyNames_CountsAsADictionaryOfTheFirstWould() =>
        Property.Holds(
            Gen.Choose(0, 300).ArrayOf(900),
            drawn =>
            {
                var (counts, expected) = (new NameCounts(), new Dictionary<string, long>(StringComparer.Ordinal));
                var (left, right) = (new NameCounts(), new NameCounts());
                foreach (var (place, number) in drawn.Index())
                {
                    var name = new string('ä', number % 40) + number;
                    counts.Add(Encoding.UTF8.GetBytes(name));
                    (place % 2 == 0 ? left : right).Add(Encoding.UTF8.GetBytes(name));
                    if (expected.ContainsKey(name) || expected.Count < NameCounts.Most)
                        expected[name] = expected.GetValueOrDefault(name) + 1;
                }
                left.Add(right);

                Assert.Equal(
                    expected.Select(one => (one.Key, one.Value)).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal),
                    counts.Ordered
                );
                Assert.Equal(NameCounts.Most, left.Count);
            },
            20
        );

    [Fact]
    public void Add_WhatIsNoName_IsNotCounted()
    {
        var counts = new NameCounts();

        counts.Add(default(ReadOnlySpan<byte>));
        counts.Add(new byte[5000]);

        Assert.Empty(counts.Ordered);
    }
}
