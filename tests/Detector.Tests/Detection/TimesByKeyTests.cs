using System.Text;
using Detector.Core.Detection;
using FsCheck.Fluent;

namespace Detector.Tests.Detection;

public sealed class TimesByKeyTests
{
    [Fact]
    public void PlaceOf_ManyKeysOfSomeTimes_AsADictionaryWould() =>
        Property.Holds(
            Gen.Choose(0, 3_000).ArrayOf(4_000),
            keys =>
            {
                var times = new TimesByKey();
                var expected = new Dictionary<string, long[]>(StringComparer.Ordinal);
                for (var now = 0; now < keys.Length; now++)
                {
                    var key = $"{keys[now]}";
                    var count = key.Length;
                    var isNew = !expected.TryGetValue(key, out var known);
                    if (known is null)
                    {
                        expected.Add(key, known = [.. Enumerable.Repeat(long.MaxValue, count)]);
                    }
                    var found = times.Find(Encoding.UTF8.GetBytes(key));
                    var place = times.PlaceOf(Encoding.UTF8.GetBytes(key), count);

                    Assert.Equal(isNew ? TimesByKey.None : place, found);
                    Assert.Equal(known, Enumerable.Range(place, count).Select(at => times[at]));

                    times[place + now % count] = known[now % count] = now;
                }
                Assert.Equal((expected.Count, expected.Keys.Sum(key => key.Length)), (times.Count, times.Bytes));
            },
            20
        );

    [Fact]
    public void Clear_KeysThatWereThere_AreAsNew()
    {
        var times = new TimesByKey();
        times[times.PlaceOf("a"u8, 2) + 1] = 7;

        times.Clear();

        Assert.Equal((0, 0), (times.Count, times.Bytes));
        var place = times.PlaceOf("a"u8, 2);
        Assert.Equal((long.MaxValue, long.MaxValue), (times[place], times[place + 1]));
    }
}
