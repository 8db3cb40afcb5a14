namespace Detector.Core.Policies;

/// <summary>What statements come to: for each probe and each of its resources, whether it is allowed and not denied.</summary>
internal sealed class Grants
{
    private readonly bool[] _pairs;

    private Grants(bool[] pairs)
    {
        _pairs = pairs;
        IsNothing = !pairs.AsSpan().Contains(true);
    }

    /// <summary>Whether no probe is allowed on anything.</summary>
    public bool IsNothing { get; }

    /// <summary>Adds up the reaches of statements by IAM's logic: a Deny wins over every Allow.</summary>
    /// <param name="reaches">Of every statement.</param>
    /// <param name="counts">Which statements take part.</param>
    public static Grants Of(IReadOnlyList<Reach> reaches, Func<PolicyStatement, bool> counts)
    {
        var pairs = new bool[Probes.Pairs];
        foreach (var allows in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var reach in reaches)
            {
                if (reach.Statement.Allows == allows && counts(reach.Statement))
                {
                    foreach (var pair in reach.Pairs)
                    {
                        pairs[pair] = allows;
                    }
                }
            }
        }
        return new Grants(pairs);
    }

    /// <summary>Whether an action may be done to everything, the holder's own user left aside.</summary>
    public bool Holds(Probe probe)
    {
        for (var i = 0; i < probe.Resources.Length - (probe.HasSelf ? 1 : 0); i++)
        {
            if (!_pairs[probe.FirstPair + i])
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether an action may be done to the holder's own user.</summary>
    public bool HoldsForSelf(Probe probe) => probe.HasSelf && _pairs[probe.FirstPair + probe.Resources.Length - 1];

    /// <summary>Whether an action may be done to one of a probe's resources.</summary>
    internal bool this[Probe probe, int resource] => _pairs[probe.FirstPair + resource];
}
