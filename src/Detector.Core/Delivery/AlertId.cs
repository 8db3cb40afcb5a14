using Detector.Core.Events;

namespace Detector.Core.Delivery;

/// <summary>
/// Identity of an alert, computed from data alone. Removing duplicates, suppressing repeats and not sending twice are one act: the ledger
/// takes an AlertId once.
/// </summary>
/// <param name="Value">32 lower-case hexadecimal digits.</param>
public readonly record struct AlertId(string Value)
{
    /// <summary>The identity that the parts make; no two lists of parts make the same.</summary>
    public static AlertId Of(params ReadOnlySpan<string> parts) => new(IdentityHash.Of(parts));

    /// <inheritdoc/>
    public override string ToString() => Value;
}
