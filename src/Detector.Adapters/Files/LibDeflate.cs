using System.Runtime.InteropServices;

namespace Detector.Adapters.Files;

/// <summary>What came of unpacking a gzip file in memory.</summary>
internal enum Unpacked
{
    /// <summary>All of it is there.</summary>
    Whole,

    /// <summary>The buffer is too small.</summary>
    NoRoom,

    /// <summary>Something in it is damaged, cut off, or no gzip; nothing of the content may be trusted.</summary>
    Damaged,
}

/// <summary>
/// Unpacks gzip by the system's libdeflate, which is faster than the platform's own stream, but needs a file whole and gives nothing of a damaged one. Where
/// the system has no libdeflate, the stream does all. For one thread.
/// </summary>
/// <remarks>https://github.com/ebiggers/libdeflate, libdeflate.h; the names and layouts are those of version 1.0 and later.</remarks>
internal sealed unsafe class LibDeflate : IDisposable
{
    private static readonly string[] Names = ["libdeflate.so.0", "libdeflate.0.dylib", "libdeflate.dylib", "libdeflate.dll"];
    private static readonly Lazy<Functions?> Loaded = new(Load);

    private readonly Functions _functions;
    private readonly nint _decompressor;

    private LibDeflate(Functions functions, nint decompressor) => (_functions, _decompressor) = (functions, decompressor);

    /// <summary>Whether the system has it.</summary>
    public static bool IsAvailable => Loaded.Value is not null;

    /// <summary>Null where the system has none.</summary>
    public static LibDeflate? TryCreate() =>
        Loaded.Value is { } functions && functions.Allocate() is var decompressor and not 0 ? new LibDeflate(functions, decompressor) : null;

    /// <summary>Unpacks a gzip file of one or more members.</summary>
    /// <param name="packed">The whole file.</param>
    /// <param name="into">Room for the content.</param>
    /// <param name="length">Bytes of content; meaningful only for <see cref="Unpacked.Whole"/>.</param>
    public Unpacked Unpack(ReadOnlySpan<byte> packed, Span<byte> into, out int length)
    {
        length = 0;
        fixed (
            byte* from = packed,
                to = into
        )
        {
            nuint at = 0;
            do
            {
                nuint read,
                    written;
                var result = _functions.Decompress(
                    _decompressor,
                    from + at,
                    (nuint)packed.Length - at,
                    to + length,
                    (nuint)(into.Length - length),
                    &read,
                    &written
                );
                if (result != 0)
                    return result == InsufficientSpace ? Unpacked.NoRoom : Unpacked.Damaged;
                at += read;
                length += (int)written;
            } while (at < (nuint)packed.Length);
        }
        return Unpacked.Whole;
    }

    /// <inheritdoc/>
    public void Dispose() => _functions.Free(_decompressor);

    private const int InsufficientSpace = 3;

    private static Functions? Load()
    {
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library))
                continue;
            if (
                NativeLibrary.TryGetExport(library, "libdeflate_alloc_decompressor", out var allocate)
                && NativeLibrary.TryGetExport(library, "libdeflate_free_decompressor", out var free)
                && NativeLibrary.TryGetExport(library, "libdeflate_gzip_decompress_ex", out var decompress)
            )
            {
                return new Functions(allocate, free, decompress);
            }
        }
        return null;
    }

    private sealed class Functions(nint allocate, nint free, nint decompress)
    {
        public nint Allocate() => ((delegate* unmanaged<nint>)allocate)();

        public void Free(nint decompressor) => ((delegate* unmanaged<nint, void>)free)(decompressor);

        public int Decompress(nint decompressor, byte* from, nuint size, byte* to, nuint room, nuint* read, nuint* written) =>
            ((delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint*, nuint*, int>)decompress)(decompressor, from, size, to, room, read, written);
    }
}
