using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Detector.Adapters.Files;

/// <summary>
/// A buffer out of the garbage collector's reach, for what is large and needed for a part of the program's time: it is gone when it is disposed, not when the
/// collector comes to large arrays. Nothing may use it then. For one thread.
/// </summary>
internal sealed unsafe class NativeBuffer : MemoryManager<byte>
{
    private byte* _bytes;

    /// <summary>Bytes of room.</summary>
    public int Length { get; private set; }

    /// <summary>Sees to it that there is room for so many bytes; spans from before are no longer good.</summary>
    /// <param name="size">The bytes.</param>
    /// <param name="kept">How many of those that are there stay.</param>
    public void Reserve(int size, int kept)
    {
        if (Length >= size)
            return;
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)size);
        var larger = (byte*)NativeMemory.Alloc((nuint)length);
        GetSpan()[..kept].CopyTo(new Span<byte>(larger, length));
        Release();
        _bytes = larger;
        Length = length;
    }

    /// <summary>Gives its memory back; it can be used again.</summary>
    public void Release()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
        Length = 0;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_bytes, Length);

    /// <inheritdoc/>
    /// <remarks>It does not move.</remarks>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex);

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Release();
}
