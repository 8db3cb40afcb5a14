namespace Detector.Core.Events;

/// <summary>Is shown every record that rules are tried on, whether or not one matches.</summary>
public interface IRecordWitness
{
    /// <summary>Looks at a record; keeps nothing of its bytes.</summary>
    /// <param name="origin">Where the record's batch comes from.</param>
    /// <param name="record">The record.</param>
    void See(string origin, in CloudTrailEvent record);
}
