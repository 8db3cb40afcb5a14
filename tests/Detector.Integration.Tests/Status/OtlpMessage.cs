using System.Text;

namespace Detector.Integration.Tests.Status;

/// <summary>A message of OTLP as it came over the wire, read by the numbers of its fields.</summary>
/// <remarks>Protocol Buffers, "Encoding"; opentelemetry-proto, <c>trace.proto</c>, <c>metrics.proto</c>, <c>common.proto</c>.</remarks>
internal sealed class OtlpMessage
{
    private readonly List<(int Field, byte[] Bytes)> _fields = [];

    public OtlpMessage(byte[] wire)
    {
        for (var at = 0; at < wire.Length; )
        {
            var tag = Varint(wire, ref at);
            var length = (tag & 7) switch
            {
                0 => Varints(wire, at),
                1 => 8,
                2 => (int)Varint(wire, ref at),
                5 => 4,
                var type => throw new InvalidDataException($"no wire type {type} at {at}"),
            };
            _fields.Add(((int)(tag >> 3), wire[at..(at + length)]));
            at += length;
        }
    }

    /// <summary>The messages of a field.</summary>
    public IEnumerable<OtlpMessage> All(int field) => _fields.Where(one => one.Field == field).Select(one => new OtlpMessage(one.Bytes));

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public string Hex(int field) => Convert.ToHexString(Bytes(field));

    /// <summary>KeyValues of a field whose values are texts.</summary>
    public IReadOnlyDictionary<string, string> Attributes(int field) =>
        All(field).ToDictionary(pair => pair.Text(1), pair => pair.All(2).Single().Text(1), StringComparer.Ordinal);

    private byte[] Bytes(int field) => _fields.Find(one => one.Field == field).Bytes ?? [];

    private static int Varints(byte[] wire, int at)
    {
        var from = at;
        Varint(wire, ref at);
        return at - from;
    }

    private static ulong Varint(byte[] wire, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = wire[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}

/// <summary>A span that a collector got.</summary>
internal sealed record OtlpSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Tags)
{
    public static IEnumerable<OtlpSpan> In(byte[] request) =>
        from resource in new OtlpMessage(request).All(1)
        from scope in resource.All(2)
        from span in scope.All(2)
        select new OtlpSpan(span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Attributes(9));
}
