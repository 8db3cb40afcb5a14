namespace Detector.Core.Events;

/// <summary>Is shown every record that rules are tried on, whether or not one matches.</summary>
public interface IRecordWitness
{
    /// <summary>Fields that it wants of every record, so that they are taken on the one pass that is made over all; one list for as long as it lives.</summary>
    IReadOnlyList<string> Fields => [];

    /// <summary>Looks at a record; keeps nothing of its bytes.</summary>
    /// <param name="origin">Where the record's batch comes from.</param>
    /// <param name="record">The record.</param>
    /// <param name="fields">The numbers of <see cref="Fields"/> among those of the record.</param>
    void See(string origin, in CloudTrailEvent record, ReadOnlySpan<int> fields);
}
