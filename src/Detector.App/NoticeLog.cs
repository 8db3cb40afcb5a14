using System.Globalization;
using System.Text;
using Detector.App.Options;
using Detector.Core;

namespace Detector.App;

/// <summary>
/// Writes notices as log lines, each whole and on its own line. Text from outside is made fit for a terminal, and a secret that should have
/// got into a notice all the same (by way of an exception's message, say) is blotted out. A log that cannot be written stops nothing.
/// </summary>
internal sealed class NoticeLog(TextWriter writer, TimeProvider time, LogOptions options, IEnumerable<Secret> secrets) : IProgress<Notice>
{
    private readonly string[] _secrets = [.. secrets.SelectMany(Forms).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public void Report(Notice value)
    {
        if (value.Severity < options.Level)
            return;
        var line = options.Format == LogFormat.Json ? Json(value) : Text(value);
        lock (_lock)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException) { }
        }
    }

    private string Text(Notice notice)
    {
        var level = notice.Severity switch
        {
            NoticeSeverity.Information => "info ",
            NoticeSeverity.Warning => "WARN ",
            _ => "ERROR",
        };
        var error = notice.Error is { } e ? $" ({e.GetType().Name}: {Clean(e.Message)})" : "";
        return $"{Now()} {level} {Clean(notice.Subject)}: {Clean(notice.Message)}{error}";
    }

    private string Json(Notice notice)
    {
        var line = JsonOut.Bytes(json =>
        {
            json.WriteString("time"u8, Now());
            json.WriteString("level"u8, notice.Severity.ToString().ToLowerInvariant());
            json.WriteString("subject"u8, Blot(notice.Subject));
            json.WriteString("message"u8, Blot(notice.Message));
            if (notice.Error is { } error)
            {
                json.WriteStartObject("error"u8);
                json.WriteString("type"u8, error.GetType().FullName);
                json.WriteString("message"u8, Blot(error.Message));
                json.WriteString("details"u8, Blot(error.ToString()));
                json.WriteEndObject();
            }
        });
        return Encoding.UTF8.GetString(line.Span);
    }

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private string Clean(string text) => OneLine.Of(Blot(text));

    private string Blot(string text) => _secrets.Aggregate(text, (clean, secret) => clean.Replace(secret, "***", StringComparison.Ordinal));

    // A webhook's path alone gives it away just as well.
    private static IEnumerable<string> Forms(Secret secret)
    {
        var text = secret.Reveal();
        yield return text;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.PathAndQuery.Length > 1)
            yield return url.PathAndQuery;
    }
}
