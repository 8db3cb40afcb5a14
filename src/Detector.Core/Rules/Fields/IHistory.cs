namespace Detector.Core.Rules.Fields;

/// <summary>What was learned from the trail before an event.</summary>
internal interface IHistory;
