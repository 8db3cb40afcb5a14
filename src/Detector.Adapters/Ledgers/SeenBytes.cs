using System.Buffers.Binary;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>Events that were seen as ledgers keep them: 8 bytes each, one behind the other.</summary>
internal static class SeenBytes
{
    /// <summary>Bytes of an event.</summary>
    public const int Size = sizeof(ulong);

    public static byte[] Of(SeenEvent[] events)
    {
        var bytes = new byte[events.Length * Size];
        for (var i = 0; i < events.Length; i++)
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * Size), events[i].Identity);
        return bytes;
    }

    public static ulong[] Identities(byte[] bytes)
    {
        var identities = new ulong[bytes.Length / Size];
        for (var i = 0; i < identities.Length; i++)
            identities[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(i * Size));
        return identities;
    }
}
