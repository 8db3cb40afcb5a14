namespace Detector.Adapters.Spills;

/// <summary>How things of a kind lie on disk, and in which order.</summary>
internal interface ISpillForm<T>
{
    /// <summary>No two that are different are equal in it.</summary>
    IComparer<T> Order { get; }

    /// <summary>About how many bytes of memory one takes.</summary>
    int Weigh(T item);

    void Write(T item, BinaryWriter writer);

    T Read(BinaryReader reader);
}
