using System.Text;
using Detector.Core.Events;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection.Surveys;

/// <summary>What sort of event a record is.</summary>
internal enum RecordKind
{
    /// <summary>A management event that changes something.</summary>
    Write,

    /// <summary>A management event that only reads.</summary>
    Read,

    /// <summary>A data event.</summary>
    Data,

    /// <summary>Everything else: Insights, network activity, and what names no service or no call.</summary>
    Other,
}

/// <summary>Tells what sort of event a record is.</summary>
internal static class RecordKinds
{
    // Records from before 2019 do not say whether they only read: the verb does.
    private static readonly string[] ReadVerbs = ["Get", "List", "Describe", "Head", "Lookup"];

    /// <param name="view">The record's fields.</param>
    /// <param name="category">The number of <c>eventCategory</c>.</param>
    /// <param name="management">The number of <c>managementEvent</c>.</param>
    /// <param name="readOnly">The number of <c>readOnly</c>.</param>
    /// <param name="record">The record.</param>
    public static RecordKind Of(scoped in RecordView view, int category, int management, int readOnly, in CloudTrailEvent record)
    {
        var said = Text(view, category);
        return said.SequenceEqual("Data"u8) || said.IsEmpty && Text(view, management).SequenceEqual("false"u8) ? RecordKind.Data
            : !said.IsEmpty && !said.SequenceEqual("Management"u8) ? RecordKind.Other
            : record.EventSource.IsEmpty || record.EventName.IsEmpty ? RecordKind.Other
            : IsRead(Text(view, readOnly), record.EventName) ? RecordKind.Read
            : RecordKind.Write;
    }

    private static bool IsRead(ReadOnlySpan<byte> said, ReadOnlySpan<byte> eventName)
    {
        if (!said.IsEmpty)
            return said.SequenceEqual("true"u8);
        foreach (var verb in ReadVerbs)
        {
            if (eventName.Length >= verb.Length && Ascii.Equals(eventName[..verb.Length], verb))
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<byte> Text(RecordView view, int field) => view.TryFirstText(field, out var text) ? text : default;
}
