namespace Detector.Core.Events;

/// <summary>A span of event time, both ends included; an end that is null is open.</summary>
/// <param name="From">The first instant inside.</param>
/// <param name="To">The last instant inside.</param>
public readonly record struct TimeRange(DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Whether an event is inside. One without a time cannot be told to be outside.</summary>
    public bool Contains(DateTimeOffset? time) => !(time < From) && !(time > To);
}
