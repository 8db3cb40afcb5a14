using Detector.Adapters.Spills;
using FsCheck.Xunit;

namespace Detector.Tests.Replays;

public sealed class OrderedTextTests
{
    [Property(MaxTest = 2000)]
    public void Write_AnyTexts_OrderAsTheyDoAndComeBack(char[] one, char[] other)
    {
        // Half a pair, and what is behind all pairs, are rare by chance.
        string[] texts = [Text(one), Text(other), Text(one) + '\uD800', Text(one) + '\uFFFD', Text(other) + "\U0001F600", "a" + Text(other)];

        foreach (var a in texts)
        {
            Assert.Equal(a, OrderedText.Read(Bytes(a)));
            Assert.DoesNotContain((byte)0, Bytes(a));
            foreach (var b in texts)
                Assert.Equal(Math.Sign(string.CompareOrdinal(a, b)), Math.Sign(Bytes(a).AsSpan().SequenceCompareTo(Bytes(b))));
        }
    }

    private static string Text(char[] units) => new([.. units.Where(unit => unit != 0)]);

    private static byte[] Bytes(string text)
    {
        var bytes = new byte[OrderedText.MostBytes(text.Length)];
        return bytes[..OrderedText.Write(text, bytes)];
    }
}
