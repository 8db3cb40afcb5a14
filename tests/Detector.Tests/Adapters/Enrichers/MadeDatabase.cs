using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Detector.Tests.Adapters.Enrichers;

/// <summary>
/// A tiny database in MaxMind's format that knows one IPv4 network of 24 bits: a search tree of 24 nodes that leads there, and one record. Source: "MaxMind DB File
/// Format Specification", version 2.0.
/// </summary>
internal static class MadeDatabase
{
    private const int Bits = 24;

    public static void Write(string file, string type, string network, object record)
    {
        var bytes = new List<byte>();
        var address = BinaryPrimitives.ReadUInt32BigEndian(IPAddress.Parse(network).GetAddressBytes());
        for (var node = 0; node < Bits; node++)
        {
            // A record's number beyond the nodes, and the separator of 16 bytes, is a place among the data.
            var next = node + 1 == Bits ? Bits + 16 : node + 1;
            var right = (address >> (31 - node) & 1) == 1;
            Number24(bytes, right ? Bits : next);
            Number24(bytes, right ? next : Bits);
        }
        bytes.AddRange(new byte[16]);
        Value(bytes, record);
        bytes.AddRange([0xab, 0xcd, 0xef, .. "MaxMind.com"u8]);
        Value(
            bytes,
            new Dictionary<string, object>
            {
                ["node_count"] = Bits,
                ["record_size"] = (ushort)24,
                ["ip_version"] = (ushort)4,
                ["database_type"] = type,
                ["binary_format_major_version"] = (ushort)2,
                ["binary_format_minor_version"] = (ushort)0,
                ["build_epoch"] = 1UL,
                ["languages"] = new List<object>(),
                ["description"] = new Dictionary<string, object>(),
            }
        );
        File.WriteAllBytes(file, [.. bytes]);
    }

    private static void Number24(List<byte> bytes, int number) => bytes.AddRange([(byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    private static void Value(List<byte> bytes, object value)
    {
        switch (value)
        {
            case string text:
                var utf8 = Encoding.UTF8.GetBytes(text);
                Control(bytes, 2, utf8.Length);
                bytes.AddRange(utf8);
                break;
            case int number:
                Control(bytes, 6, 4);
                bytes.AddRange([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
                break;
            case ushort number:
                Control(bytes, 5, 2);
                bytes.AddRange([(byte)(number >> 8), (byte)number]);
                break;
            case ulong number:
                // Types above 7 have a byte of their own.
                bytes.AddRange([1, 9 - 7, (byte)number]);
                break;
            case Dictionary<string, object> map:
                Control(bytes, 7, map.Count);
                foreach (var (key, inner) in map)
                {
                    Value(bytes, key);
                    Value(bytes, inner);
                }
                break;
            case List<object> list:
                bytes.AddRange([(byte)list.Count, 11 - 7]);
                foreach (var inner in list)
                    Value(bytes, inner);
                break;
        }
    }

    private static void Control(List<byte> bytes, int type, int size)
    {
        if (size < 29)
            bytes.Add((byte)((type << 5) | size));
        else
            bytes.AddRange([(byte)((type << 5) | 29), (byte)(size - 29)]);
    }
}
