using System.IO.Compression;
using Detector.Adapters.Aws.S3;

namespace Detector.Tests.Adapters.Aws.S3;

public sealed class UnpackedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_TwoLargeObjects_OneWaitsForTheOther()
    {
        using var large = new SemaphoreSlim(1);
        var packed = Packed(Unpacked.Small + 1);
        var first = new Unpacked(S3ObjectSource.Limit, large);
        await first.ReadAsync(new MemoryStream(packed), Cancellation);
        using var second = new Unpacked(S3ObjectSource.Limit, large);

        var reading = second.ReadAsync(new MemoryStream(packed), Cancellation);
        Assert.False(reading.IsCompleted);
        first.Dispose();
        await reading;

        Assert.Equal(Unpacked.Small + 1, second.Content.Length);
        Assert.Null(second.Problem);
    }

    [Fact]
    public async Task ReadAsync_SmallObjects_WaitForNobody()
    {
        using var large = new SemaphoreSlim(0);
        using var content = new Unpacked(S3ObjectSource.Limit, large);

        await content.ReadAsync(new MemoryStream(Packed(1_000_000)), Cancellation);

        Assert.Equal(1_000_000, content.Content.Length);
    }

    [Fact]
    public async Task ReadAsync_StoredBytesBeyondTheLimit_AreNotRead()
    {
        using var large = new SemaphoreSlim(1);
        using var content = new Unpacked(10, large);

        await content.ReadAsync(new MemoryStream(new byte[11]), Cancellation);

        Assert.True(content.Content.IsEmpty);
        Assert.NotNull(content.Problem);
    }

    private static byte[] Packed(int length)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(new byte[length]);
        return packed.ToArray();
    }
}
