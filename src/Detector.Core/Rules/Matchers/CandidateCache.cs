using System.Numerics;
using System.Runtime.InteropServices;
using Detector.Core.Events.Json;

namespace Detector.Core.Rules.Matchers;

/// <summary>Remembers which rules a combination of discriminating values leads to. Bounded: a trail that invents values makes it start afresh.</summary>
internal sealed class CandidateCache
{
    private const int MaxEntries = 16_384;

    private Entry?[] _slots = new Entry?[1024];
    private int _count;

    public bool TryFind(ReadOnlySpan<byte> key, uint hash, out Candidates candidates)
    {
        var slots = _slots;
        for (var at = hash & (slots.Length - 1); slots[at] is { } entry; at = (at + 1) & (slots.Length - 1))
        {
            if (entry.Hash == hash && key.SequenceEqual(entry.Key))
            {
                candidates = entry.Candidates;
                return true;
            }
        }
        candidates = default;
        return false;
    }

    public void Add(ReadOnlySpan<byte> key, uint hash, Candidates candidates)
    {
        if (_count == MaxEntries)
        {
            _slots = new Entry?[1024];
            _count = 0;
        }
        else if (_count * 2 >= _slots.Length)
        {
            var old = _slots;
            _slots = new Entry?[old.Length * 2];
            foreach (var entry in old)
            {
                if (entry is not null)
                {
                    Place(entry);
                }
            }
        }
        Place(new Entry(key.ToArray(), hash, candidates));
        _count++;
    }

    public static uint Hash(ReadOnlySpan<byte> key)
    {
        ulong hash = 0x9E3779B97F4A7C15;
        while (key.Length >= sizeof(ulong))
        {
            hash = (BitOperations.RotateLeft(hash, 23) ^ MemoryMarshal.Read<ulong>(key)) * 0xD6E8FEB86659FD93;
            key = key[sizeof(ulong)..];
        }
        foreach (var b in key)
        {
            hash = (BitOperations.RotateLeft(hash, 23) ^ b) * 0xD6E8FEB86659FD93;
        }
        return (uint)(hash >> 32);
    }

    private void Place(Entry entry)
    {
        var at = entry.Hash & (_slots.Length - 1);
        while (_slots[at] is not null)
        {
            at = (at + 1) & (_slots.Length - 1);
        }
        _slots[at] = entry;
    }

    private sealed record Entry(byte[] Key, uint Hash, Candidates Candidates);
}

/// <summary>Rules that a record could meet.</summary>
/// <param name="Rules">The rules, in the order of the set.</param>
/// <param name="Fields">What they ask, and what hits are counted by.</param>
/// <param name="NeedMoreFields">Whether any of them asks for more than is taken of every record.</param>
/// <param name="Sooner">
/// For each rule what must hold of what is taken of every record: where nothing does, the rest need not be taken. Null if that tells of too little.
/// </param>
internal readonly record struct Candidates(Candidate[] Rules, FieldSelection Fields, bool NeedMoreFields, Compiled[]? Sooner);

/// <summary>A rule that a record could meet.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Number">Its place in the set.</param>
/// <param name="Condition">What is left of its condition: the record's discriminating values have decided the rest.</param>
internal readonly record struct Candidate(DetectionRule Rule, int Number, Compiled Condition);
