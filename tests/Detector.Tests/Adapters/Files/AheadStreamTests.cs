using Detector.Adapters.Files;

namespace Detector.Tests.Adapters.Files;

public sealed class AheadStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData(256 * 1024 + 1)]
    [InlineData(3_000_000)]
    public void Read_AnyLength_GivesWhatTheStreamHolds(int length)
    {
        var bytes = Bytes(length);
        using var ahead = new AheadStream(new Piecemeal(bytes, null));
        using var read = new MemoryStream();

        ahead.CopyTo(read);

        Assert.Equal(bytes, read.ToArray());
        Assert.Equal(length, ahead.Position);
        Assert.Equal(0, ahead.Read(new byte[1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(700_001)]
    public void Read_StreamFails_GivesAllBeforeTheFailureAndThenTheFailure(int length)
    {
        var bytes = Bytes(length);
        using var ahead = new AheadStream(new Piecemeal(bytes, new InvalidDataException("damaged")));
        using var read = new MemoryStream();

        var failure = Assert.Throws<InvalidDataException>(() => ahead.CopyTo(read));

        Assert.Equal("damaged", failure.Message);
        Assert.Equal(bytes, read.ToArray());
    }

    [Fact]
    public void Dispose_InTheMiddle_WaitsUntilNobodyReads()
    {
        var content = new Piecemeal(Bytes(3_000_000), null);
        using (var ahead = new AheadStream(content))
            ahead.ReadExactly(new byte[100]);

        Assert.False(content.IsBeingRead);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Gives a few bytes at a time, and fails at the end if it is to.</summary>
    private sealed class Piecemeal(byte[] bytes, Exception? end) : ForwardStream
    {
        private int _at;
        private volatile bool _isBeingRead;

        public bool IsBeingRead => _isBeingRead;

        protected override long At => _at;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            _isBeingRead = true;
            var count = Math.Min(Math.Min(buffer.Length, 10_007), bytes.Length - _at);
            bytes.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            _isBeingRead = false;
            return count == 0 && end is not null ? throw end : count;
        }
    }
}
