using System.Runtime.InteropServices;
using Detector.Core.Events.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests.Events.Json;

public sealed class JsonBlockTests
{
    // Bytes that mean something, their neighbours in the alphabet, and backslashes enough for long runs of them.
    private static readonly Gen<byte> Bytes = Gen.Elements(
        "\"\"{}[]:,\\\\\\\\ az;<+-|~@ZY^_\u0001"u8.ToArray().Concat(new byte[] { 0, 0x7F, 0x80, 0xA2, 0xDB, 0xFB, 0xFF })
    );

    [Fact]
    public void Load_AnyText_SameAsByteAfterByte()
    {
        Property.Holds(
            Bytes.ArrayOf().Resize(400),
            text =>
            {
                var expected = ByteAfterByte(text);
                var block = default(JsonBlock);
                for (var at = 0; at < text.Length; at += JsonBlock.Size)
                {
                    block.Load(text, at);

                    Assert.Equal(expected[at / JsonBlock.Size], Maps(block));
                }
            },
            2_000
        );
    }

    [Fact]
    public void ClassifyBytes_AnyText_SameAsVectors()
    {
        Property.Holds(
            Bytes.ArrayOf(5 * JsonBlock.Size),
            text =>
            {
                JsonBlock vectors = default,
                    quarters = default,
                    scalar = default;
                for (var at = 0; at < text.Length; at += JsonBlock.Size)
                {
                    vectors.Load(text, at);
                    scalar.LeaveStrings(scalar.ClassifyBytes(ref MemoryMarshal.GetReference(text.AsSpan(at))));
                    quarters.LeaveStrings(quarters.ClassifyQuarters(ref MemoryMarshal.GetReference(text.AsSpan(at))));

                    Assert.Equal(Maps(vectors), Maps(scalar));
                    Assert.Equal(Maps(quarters), Maps(scalar));
                }
            },
            2_000
        );
    }

    [Fact]
    public void PrefixXor_AnyBits_SameAsShifts()
    {
        Property.Holds(
            Gen.Choose(int.MinValue, int.MaxValue).Two(),
            x =>
            {
                var bits = ((ulong)(uint)x.Item1 << 32) | (uint)x.Item2;

                Assert.Equal(JsonBlock.PrefixXorByShifts(bits), JsonBlock.PrefixXor(bits));
            }
        );
    }

    private static (ulong, ulong, ulong, ulong, ulong) Maps(JsonBlock block) => (block.Quotes, block.Opens, block.Closes, block.Colons, block.Commas);

    /// <summary>What the bitmaps mean, without any trick.</summary>
    private static (ulong, ulong, ulong, ulong, ulong)[] ByteAfterByte(byte[] text)
    {
        var blocks = new (ulong Quotes, ulong Opens, ulong Closes, ulong Colons, ulong Commas)[text.Length / JsonBlock.Size + 1];
        bool inString = false,
            escaped = false;
        for (var i = 0; i < text.Length; i++)
        {
            ref var block = ref blocks[i / JsonBlock.Size];
            var bit = 1UL << (i % JsonBlock.Size);
            var wasEscaped = escaped;
            escaped = text[i] == '\\' && !escaped;
            if (text[i] == '"' && !wasEscaped)
            {
                block.Quotes |= bit;
                inString = !inString;
            }
            else if (!inString)
            {
                block.Opens |= text[i] is (byte)'{' or (byte)'[' ? bit : 0;
                block.Closes |= text[i] is (byte)'}' or (byte)']' ? bit : 0;
                block.Colons |= text[i] == ':' ? bit : 0;
                block.Commas |= text[i] == ',' ? bit : 0;
            }
        }
        return blocks;
    }
}
