namespace Detector.Testing.Fuzz;

/// <summary>Changes inputs as chance has it: bytes, pieces and tokens that readers have to think about. The same seed makes the same inputs.</summary>
/// <param name="seed">Where chance begins.</param>
/// <param name="tokens">What the format is made of.</param>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> tokens)
{
    private const int Longest = 64 * 1024;

    private readonly Random _random = new(seed);

    /// <summary>One of the inputs with some changes; another may lend it pieces.</summary>
    public byte[] Next(IReadOnlyList<byte[]> inputs)
    {
        var input = Any(inputs);
        for (var changes = 1 << _random.Next(5); changes > 0; changes--)
            input = Change(input, inputs);
        return input.Length <= Longest ? input : input[..Longest];
    }

    private byte[] Change(byte[] input, IReadOnlyList<byte[]> inputs)
    {
        var (from, to) = Span(input);
        return _random.Next(8) switch
        {
            0 => [.. input[..from], .. input[to..]],
            1 => [.. input[..from], .. Any(tokens), .. input[from..]],
            2 => [.. input[..from], .. Any(tokens), .. input[to..]],
            3 => [.. input[..to], .. input[from..]],
            4 => Lent(input, from, Any(inputs)),
            5 => input[..to],
            6 when input.Length > 0 => Flipped(input, from),
            _ when input.Length > 0 => Replaced(input, from),
            _ => input,
        };
    }

    private byte[] Lent(byte[] input, int at, byte[] other)
    {
        var (from, to) = Span(other);
        return [.. input[..at], .. other[from..to], .. input[at..]];
    }

    private byte[] Flipped(byte[] input, int at)
    {
        var changed = input.ToArray();
        changed[Math.Min(at, changed.Length - 1)] ^= (byte)(1 << _random.Next(8));
        return changed;
    }

    private byte[] Replaced(byte[] input, int at)
    {
        var changed = input.ToArray();
        changed[Math.Min(at, changed.Length - 1)] = (byte)_random.Next(256);
        return changed;
    }

    /// <summary>A piece: mostly a short one.</summary>
    private (int From, int To) Span(byte[] input)
    {
        var from = _random.Next(input.Length + 1);
        var length = _random.Next(4) == 0 ? _random.Next(input.Length + 1) : _random.Next(16);
        return (from, Math.Min(input.Length, from + length));
    }

    private byte[] Any(IReadOnlyList<byte[]> some) => some[_random.Next(some.Count)];
}
