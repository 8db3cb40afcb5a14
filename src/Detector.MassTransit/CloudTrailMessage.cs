namespace Detector.MassTransit;

/// <summary>
/// Stands for any JSON message that holds CloudTrail records, so that the bus has a type to route by. It has no members: the record reader
/// works on the message's own bytes.
/// </summary>
public sealed record CloudTrailMessage;
