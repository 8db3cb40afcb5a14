namespace Detector.Adapters.Spills;

/// <summary>How things of a kind lie as bytes.</summary>
internal interface ISpillForm<T>
{
    /// <summary>The part that puts them into order: bytes that compare as the things do. No two that are different are equal in it.</summary>
    void WriteKey(T item, SpillBuffer to);

    /// <summary>What the key does not tell.</summary>
    void WriteRest(T item, SpillBuffer to);

    T Read(SpillBytes key, SpillBytes rest);
}
