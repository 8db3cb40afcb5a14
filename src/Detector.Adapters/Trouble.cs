using Detector.Adapters.Reports;
using Detector.Core;

namespace Detector.Adapters;

/// <summary>
/// Tells the operator of a trouble with an act (such as <c>receiving from queue trail</c>) when it begins, when its cause changes and when it is
/// over; not at every try. Safe from many threads.
/// </summary>
internal sealed class Trouble(string subject, string act, IProgress<Notice> notices, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile string? _cause;
    private long _since;

    /// <param name="cause">Equal for failures of one cause.</param>
    /// <param name="text">What failed, in one line.</param>
    /// <param name="needsSomebody">Whether waiting does not mend it.</param>
    public void Failed(string cause, string text, bool needsSomebody)
    {
        lock (_gate)
        {
            if (string.Equals(_cause, cause, StringComparison.Ordinal))
                return;
            if (_cause is null)
                _since = time.GetTimestamp();
            _cause = cause;
        }
        var severity = needsSomebody ? NoticeSeverity.Error : NoticeSeverity.Warning;
        notices.Report(new Notice(severity, subject, $"{act} fails and is tried again: {text}"));
    }

    /// <summary>Some of the act is refused for good, which is no state but is told each time.</summary>
    /// <param name="count">For so many messages.</param>
    /// <param name="text">Why, in one line.</param>
    public void Refused(int count, string text) =>
        notices.Report(new Notice(NoticeSeverity.Warning, subject, $"{act} is refused for {count} messages, which come again: {text}"));

    public void Mended()
    {
        if (_cause is null)
            return;
        TimeSpan lasted;
        lock (_gate)
        {
            if (_cause is null)
                return;
            _cause = null;
            lasted = time.GetElapsedTime(_since);
        }
        notices.Report(new Notice(NoticeSeverity.Information, subject, $"{act} works again after {PlainText.HowLate(lasted)}"));
    }
}
