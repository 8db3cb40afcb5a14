using System.Text;
using Detector.Core.Events.Json;

namespace Detector.Tests.Events.Json;

public sealed class FieldSelectionTests
{
    private const string Letters = "abcdefghijklmnopqrstuvwx";

    /// <summary>Keys are compared by their length: in pieces that overlap, or byte by byte.</summary>
    [Fact]
    public void Child_KeysOfEveryLength_FindsThemAndNoneThatDiffersInAByte()
    {
        for (var length = 1; length <= Letters.Length; length++)
        {
            var key = Encoding.UTF8.GetBytes(Letters[..length]);
            var selection = FieldSelection.Of([Letters[..length]]);

            Assert.Equal(0, selection.FieldOf(selection.Child(0, key)));
            for (var place = 0; place < length; place++)
            {
                var other = key.ToArray();
                other[place] ^= 1;
                Assert.Equal(-1, selection.Child(0, other));
            }
        }
    }
}
