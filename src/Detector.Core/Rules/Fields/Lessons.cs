namespace Detector.Core.Rules.Fields;

/// <summary>What history must be told of so that a derived field can be answered.</summary>
[Flags]
internal enum Lessons
{
    /// <summary>Nothing: the record itself suffices.</summary>
    None = 0,
}
