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
                Span<byte> spare = stackalloc byte[JsonBlock.Size];
                for (var at = 0; at < text.Length; at += JsonBlock.Size)
                {
                    ref var bytes = ref JsonBlock.At(text, at, spare);
                    block.Load(ref bytes);

                    Assert.Equal(expected[at / JsonBlock.Size], Maps(block, ref bytes));
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
                    ref var bytes = ref MemoryMarshal.GetReference(text.AsSpan(at));
                    vectors.Load(ref bytes);
                    scalar.LeaveStrings(scalar.ClassifyBytes(ref bytes));
                    quarters.LeaveStrings(quarters.ClassifyQuarters(ref bytes));

                    Assert.Equal(Maps(vectors, ref bytes), Maps(scalar, ref bytes));
                    Assert.Equal(Maps(quarters, ref bytes), Maps(scalar, ref bytes));
                    foreach (var wanted in ",:\\\""u8)
                    {
                        Assert.Equal(JsonBlock.BitsByBytes(ref bytes, wanted), JsonBlock.BitsByQuarters(ref bytes, wanted));
                    }
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

    private static (ulong, ulong, ulong, ulong, ulong) Maps(JsonBlock block, ref byte bytes) =>
        (block.Quotes, block.Opens, block.Closes, block.Outside(ref bytes, (byte)':'), block.Outside(ref bytes, (byte)','));

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
