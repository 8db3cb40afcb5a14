using System.Text;
using Detector.Core.Detection.Surveys;
using FsCheck.Fluent;

namespace Detector.Tests.Detection.Surveys;

public sealed class AlikeTests
{
    [Fact]
    public void By_AnyTexts_KnowsWhatWasSetForThem() =>
        Property.Holds(
            Gen.Choose(0, 2).SelectMany(length => Gen.Elements('a', 'b', '\0').ArrayOf(length)).Select(text => new string(text)).ArrayOf(5).ListOf(),
            drawn =>
            {
                var alike = new Alike<int>();
                foreach (var (number, texts) in drawn.Index())
                {
                    if (Known(alike, texts) is { } known)
                        Assert.Equal(texts, drawn[known]);
                    Set(alike, number, texts);
                    Assert.Equal(number, Known(alike, texts));
                }
            }
        );

    [Fact]
    public void By_MoreTextsThanThereArePlaces_NeverTakesOneForAnother()
    {
        var alike = new Alike<int>();
        for (var number = 0; number < 5000; number++)
        {
            Assert.Null(Known(alike, $"{number}"));
            Set(alike, number, $"{number}");
        }

        Assert.All(Enumerable.Range(0, 5000), number => Assert.Contains(Known(alike, $"{number}"), new int?[] { null, number }));
    }

    [Fact]
    public void By_TextsThatAreTooLong_AreNotKept()
    {
        var alike = new Alike<int>();
        var texts = new string('a', 600);

        Set(alike, 1, texts);

        Assert.Null(Known(alike, texts));
    }

    private static int? Known(Alike<int> alike, params string[] texts)
    {
        // To ask is to take the place.
        ref var known = ref By(alike, texts, out var isKnown);
        if (!isKnown)
            known = -1;
        return known < 0 ? null : known;
    }

    private static void Set(Alike<int> alike, int number, params string[] texts) => By(alike, texts, out _) = number;

    private static ref int By(Alike<int> alike, string[] texts, out bool isKnown)
    {
        byte[][] five = [.. texts.Concat(["", "", "", ""]).Take(5).Select(Encoding.UTF8.GetBytes)];
        return ref alike.By(five[0], five[1], five[2], five[3], five[4], out isKnown);
    }
}
