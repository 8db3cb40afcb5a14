namespace Detector.Core.Events;

/// <summary>
/// What makes a record itself on every path by which it may arrive: a hash over eventID, eventTime, eventSource and eventName, or over the
/// canonical content of a record that has no eventID.
/// </summary>
/// <param name="Value">32 lower-case hexadecimal digits.</param>
public readonly record struct EventIdentity(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
