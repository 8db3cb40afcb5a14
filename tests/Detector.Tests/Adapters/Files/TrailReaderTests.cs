using System.IO.Compression;
using System.Text;
using Detector.Adapters.Files;

namespace Detector.Tests.Adapters.Files;

/// <summary>Every case by the library and by the platform's own stream: the same answers.</summary>
public sealed class TrailReaderTests
{
    private const string DamagedOrCut = "the gzip stream is damaged or cut off";
    private const string SomethingFollows = "the gzip stream ends, and something that is no gzip follows";

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 5)]
    [InlineData(true, 3_000_000)]
    [InlineData(true, 20_000_000)]
    [InlineData(false, 0)]
    [InlineData(false, 5)]
    [InlineData(false, 3_000_000)]
    [InlineData(false, 20_000_000)]
    public void Read_OfAnySize_IsWhole(bool useLibrary, int size)
    {
        var content = Content(size);

        foreach (var (packed, known) in new[] { (Gzip(content), true), (Gzip(content), false), (content, true), (content, false) })
        {
            var (found, read) = Read(useLibrary, packed, known ? packed.Length : null);

            Assert.True(content.AsSpan().SequenceEqual(found));
            Assert.Equal(new TrailRead(packed.Length, size, null), read);
        }
    }

    [Theory]
    [InlineData(true, 100)]
    [InlineData(true, 6_000_000)]
    [InlineData(false, 100)]
    [InlineData(false, 6_000_000)]
    public void Read_SeveralMembers_AreOneContent(bool useLibrary, int size)
    {
        var content = Content(size);

        var (found, read) = Read(useLibrary, [.. Gzip(content), .. Gzip([]), .. Gzip(content)]);

        Assert.True(found.AsSpan().SequenceEqual([.. content, .. content]));
        Assert.Null(read.Problem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_CutAnywhere_GivesTheBeginningAndTellsTheLoss(bool useLibrary)
    {
        var content = Content(2_000);
        byte[] packed = [.. Gzip(content), .. Gzip(content)];
        var first = Gzip(content).Length;

        for (var length = 2; length < packed.Length; length++)
        {
            var (found, read) = Read(useLibrary, packed[..length]);

            Assert.True(found.Length <= 2 * content.Length && found.AsSpan().SequenceEqual(((byte[])[.. content, .. content]).AsSpan(0, found.Length)));
            if (length == first)
                Assert.Null(read.Problem);
            else
                Assert.Equal(new UnreadFile("x", found.Length, DamagedOrCut), read.Problem);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_OneByteDamaged_IsNeverSilent(bool useLibrary)
    {
        var content = Content(300);
        var packed = Gzip(content);

        // Bytes 4 to 9 are the time, the level and the system, which no checksum covers.
        for (var at = 10; at < packed.Length; at++)
        {
            var damaged = packed.ToArray();
            damaged[at] ^= 0x55;

            var (_, read) = Read(useLibrary, damaged);

            Assert.NotNull(read.Problem);
        }
    }

    [Theory]
    [InlineData(true, 500)]
    [InlineData(false, 500)]
    [InlineData(true, 6_000_000)]
    [InlineData(false, 6_000_000)]
    public void Read_ChecksumDamaged_GivesAllButAByteAndTellsTheDoubt(bool useLibrary, int size)
    {
        var content = Content(size);
        var packed = Gzip(content);
        packed[^6] ^= 0x55;

        var (found, read) = Read(useLibrary, packed);

        Assert.True(found.Length >= size - 1 && content.AsSpan(0, found.Length).SequenceEqual(found));
        Assert.Equal(new UnreadFile("x", found.Length, DamagedOrCut), read.Problem);
    }

    [Theory]
    [InlineData(true, "garbage")]
    [InlineData(false, "garbage")]
    [InlineData(true, "x")]
    [InlineData(false, "x")]
    public void Read_SomethingElseFollows_IsTold(bool useLibrary, string follows)
    {
        var content = Content(500);

        var (found, read) = Read(useLibrary, [.. Gzip(content), .. Encoding.UTF8.GetBytes(follows)]);

        Assert.Equal(content, found);
        Assert.Equal(new UnreadFile("x", content.Length, SomethingFollows), read.Problem);
    }

    [Theory]
    [InlineData(500, "garbage")]
    [InlineData(500, "x")]
    [InlineData(6_000_000, "garbage")]
    [InlineData(6_000_000, "x")]
    public void Read_SomethingElseFollowsThroughAPipe_IsTold(int size, string follows)
    {
        var content = Content(size);

        var (found, read) = Read(new Pipe([.. Gzip(content), .. Encoding.UTF8.GetBytes(follows)]));

        Assert.True(content.AsSpan().SequenceEqual(found));
        Assert.Equal(new UnreadFile("x", content.Length, SomethingFollows), read.Problem);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(6_000_000)]
    public void Read_SeveralMembersThroughAPipe_AreOneContent(int size)
    {
        var content = Content(size);

        var (found, read) = Read(new Pipe([.. Gzip(content), .. Gzip(content[..400])]));

        Assert.True(((byte[])[.. content, .. content[..400]]).AsSpan().SequenceEqual(found));
        Assert.Null(read.Problem);
    }

    [Fact]
    public void Read_SeveralMembersAndSomethingElseThroughAPipe_IsTold()
    {
        var content = Content(6_000_000);

        var (found, read) = Read(new Pipe([.. Gzip(content), .. Gzip(content[..400]), .. "garbage"u8]));

        Assert.Equal(content.Length + 400, found.Length);
        Assert.Equal(SomethingFollows, read.Problem?.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_LengthThatLies_IsDamage(bool useLibrary)
    {
        var packed = Gzip(Content(1_000));
        // A gigabyte, says its end.
        packed[^1] = 0x40;

        var (found, read) = Read(useLibrary, packed);

        Assert.True(found.Length <= 1_000);
        Assert.Equal(DamagedOrCut, read.Problem?.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_Bomb_GoesThroughInWindows(bool useLibrary)
    {
        var bomb = Gzip(new byte[200_000_000]);
        using var reader = new TrailReader(useLibrary);
        long taken = 0;
        var largest = 0;

        var read = reader.Read(
            new Item(bomb, bomb.Length),
            (window, _) =>
            {
                taken += window.Length;
                largest = Math.Max(largest, window.Length);
                return window.Length;
            },
            TestContext.Current.CancellationToken
        );

        Assert.Equal((200_000_000, 200_000_000L), (taken, read.BytesContent));
        Assert.InRange(largest, 1, 16 * 1024 * 1024);
    }

    [Fact]
    public void Read_TakerThatLeavesMuch_GetsItAgainInLargerWindows()
    {
        var content = Content(5_000_000);
        using var reader = new TrailReader();
        var found = new MemoryStream();

        reader.Read(
            new Item(content, null),
            (window, isLast) =>
            {
                // Nothing is done with until there are two million.
                var done =
                    isLast ? window.Length
                    : window.Length < 2_000_000 ? 0
                    : 1_999_999;
                found.Write(window[..done]);
                return done;
            },
            TestContext.Current.CancellationToken
        );

        Assert.True(content.AsSpan().SequenceEqual(found.ToArray()));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(100, false)]
    [InlineData(5_000_000, true)]
    [InlineData(5_000_000, false)]
    public void Read_FaultOfTheDisk_GivesWhatCameBefore(int size, bool packed)
    {
        var content = Content(size);
        var stored = packed ? Gzip(content) : content;
        using var reader = new TrailReader();
        var found = new MemoryStream();

        var read = reader.Read(
            new FaultyItem(stored[..(stored.Length - 20)]),
            (window, _) =>
            {
                found.Write(window);
                return window.Length;
            },
            TestContext.Current.CancellationToken
        );

        // Of so short a gzip file all may stand in the block that is cut.
        Assert.True((found.Length > size / 4 || (packed && size == 100)) && content.AsSpan(0, (int)found.Length).SequenceEqual(found.ToArray()));
        Assert.Equal(new UnreadFile("x", found.Length, "Input/output error"), read.Problem);
    }

    [Theory]
    [InlineData("PK\u0003\u0004 and so on", "a zip archive, which is not read: unpack it first")]
    [InlineData("PAR1", "a Parquet file, which is not read: export it as JSON")]
    public void Read_AnotherFormat_IsNamedAndNotRead(string stored, string reason)
    {
        var (found, read) = Read(useLibrary: false, Encoding.Latin1.GetBytes(stored));

        Assert.Empty(found);
        Assert.Equal(new UnreadFile("x", 0, reason), read.Problem);
    }

    [Fact]
    public async Task Read_SilentPipe_EndsWhenAskedTo()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        using var stopping = new CancellationTokenSource();
        await pipe.WriteAsync(Encoding.UTF8.GetBytes("{\"a\":1}"), TestContext.Current.CancellationToken);
        var end = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, pipe.ClientSafePipeHandle);
        var item = await new StreamArchive("stdin", () => end).ListAsync(_ => { }, stopping.Token).SingleAsync(stopping.Token);
        using var reader = new TrailReader();
        var found = "";

        var reading = Task.Run(
            () =>
                reader.Read(
                    item,
                    (window, _) =>
                    {
                        found += Encoding.UTF8.GetString(window);
                        return window.Length;
                    },
                    stopping.Token
                ),
            TestContext.Current.CancellationToken
        );
        await stopping.CancelAsync();
        var read = await reading;

        // It may have been stopped before the first byte came.
        Assert.Contains(found, new[] { "", "{\"a\":1}" });
        Assert.Equal(new UnreadFile("stdin", found.Length, "stopped before its end"), read.Problem);
    }

    [Fact]
    public void Library_IsUsedWhereTheSystemHasIt() => Requires.LibDeflate(TrailReader.HasLibrary);

    private static (byte[] Content, TrailRead Read) Read(bool useLibrary, byte[] stored, long? size = null)
    {
        if (useLibrary)
            Requires.LibDeflate(TrailReader.HasLibrary);
        return Read(new Item(stored, size), useLibrary);
    }

    private static (byte[] Content, TrailRead Read) Read(TrailItem item, bool useLibrary = true)
    {
        using var reader = new TrailReader(useLibrary);
        var content = new MemoryStream();
        var read = reader.Read(
            item,
            (window, _) =>
            {
                content.Write(window);
                return window.Length;
            },
            TestContext.Current.CancellationToken
        );
        return (content.ToArray(), read);
    }

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        for (var i = 0; i < size; i++)
            content[i] = (byte)("0123456789abcdef"[(i * 7 + i / 100) % 16]);
        return content;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    private sealed class FaultyItem(byte[] stored) : TrailItem("x", null)
    {
        public override Stream Open(CancellationToken cancellation) => new Faulty(stored);

        private sealed class Faulty(byte[] stored) : MemoryStream(stored)
        {
            public override int Read(byte[] buffer, int offset, int count) =>
                base.Read(buffer, offset, count) is > 0 and var read ? read : throw new IOException("Input/output error");

            public override int Read(Span<byte> buffer) => base.Read(buffer) is > 0 and var read ? read : throw new IOException("Input/output error");
        }
    }

    /// <summary>Can be opened once.</summary>
    private sealed class Pipe(byte[] stored) : TrailItem("x", null)
    {
        private bool _isOpened;

        public override bool OpensOnce => true;

        public override Stream Open(CancellationToken cancellation)
        {
            if (_isOpened)
                throw new IOException("opened already");
            _isOpened = true;
            return new MemoryStream(stored);
        }
    }

    private sealed class Item(byte[] stored, long? size) : TrailItem("x", size)
    {
        public override Stream Open(CancellationToken cancellation) => new MemoryStream(stored);
    }
}
