using System.Text;
using Detector.Core.Detection;
using FsCheck.Fluent;

namespace Detector.Tests.Detection;

public sealed class AlikeTests
{
    [Fact]
    public void By_AnyTexts_KnowsWhatWasSetForThemOrNothing() =>
        Property.Holds(
            Gen.Choose(0, 2).SelectMany(length => Gen.Elements('a', 'b', '\0').ArrayOf(length)).Select(text => new string(text)).ArrayOf(4).ListOf(),
            drawn =>
            {
                var alike = new Alike<string>();
                foreach (var texts in drawn)
                {
                    var whole = string.Join('|', texts);
                    ref var known = ref Of(alike, texts);

                    Assert.True(known is null || known == whole, $"{whole} is not {known}");
                    known = whole;
                    Assert.Same(whole, Of(alike, texts));
                }
            }
        );

    [Fact]
    public void By_MoreTextsThanThereArePlaces_NeverTakesOneForAnother()
    {
        var alike = new Alike<string>();
        foreach (var name in Enumerable.Range(0, 5000).Select(number => $"{number}"))
        {
            ref var known = ref Of(alike, name);
            Assert.Null(known);
            known = name;
        }

        Assert.All(Enumerable.Range(0, 5000).Select(number => $"{number}"), name => Assert.Contains(Of(alike, name), new[] { null, name }));
    }

    [Fact]
    public void By_TextsThatAreTooLong_AreNotKept()
    {
        var alike = new Alike<string>();
        var texts = new string('a', 600);

        Of(alike, texts) = "known";

        Assert.Null(Of(alike, texts));
    }

    private static ref string? Of(Alike<string> alike, params string[] texts)
    {
        byte[][] four = [.. texts.Concat(["", "", ""]).Take(4).Select(Encoding.UTF8.GetBytes)];
        return ref alike.By(four[0], four[1], four[2], four[3]);
    }
}
