using System.Globalization;
using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Adapters.Reports;

/// <summary>
/// Writes each alert as a few lines for a person at a terminal. What a caller chose passes <see cref="PlainText.Clean"/>: nothing in it can
/// steer the terminal or begin a line of its own.
/// </summary>
public sealed class ConsoleSink : IAlertSink
{
    private const int MaxValue = 200;
    private const int MaxTargets = 5;
    private const int ShortId = 8;

    private readonly TextWriter _output;
    private readonly bool _colours;
    private readonly TimeProvider _clock;
    private readonly Lock _turn = new();

    /// <param name="output">Usually standard output; it stays the caller's to dispose.</param>
    /// <param name="colours">Whether ANSI sequences colour the severity.</param>
    /// <param name="clock">Tells how late an alert is.</param>
    public ConsoleSink(TextWriter output, bool colours, TimeProvider clock)
    {
        _output = output;
        _colours = colours;
        _clock = clock;
    }

    /// <inheritdoc/>
    public string Name => "console";

    /// <inheritdoc/>
    public int Concurrency => 1;

    /// <inheritdoc/>
    public ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
    {
        var text = Render(dispatch);
        try
        {
            lock (_turn)
            {
                _output.Write(text);
                _output.Flush();
            }
            return ValueTask.FromResult(SinkAnswer.Delivered);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return ValueTask.FromResult(SinkAnswer.Retry($"the console takes no text: {error.Message}"));
        }
    }

    private string Render(Dispatch dispatch)
    {
        var (alert, facts, rule) = (dispatch.Alert, dispatch.Alert.Facts, dispatch.Alert.Rule);
        var time = alert.Time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "no time";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{time}  {Severity(alert)}  {Or(rule.Name)}  {Or(rule.Title)}\n");
        Row(text, "who", $"{Or(facts.Actor)} ({Or(facts.ActorType)}, MFA {Or(facts.Mfa)}) from {Or(facts.SourceAddress)}");
        if (facts.Behind is { } chain)
            Row(text, "chain", PlainText.Chain(chain));
        Row(text, "what", $"{Or(facts.EventName)} ({Or(facts.EventSource)}){Failure(facts)}{Targets(facts)}");
        if (alert.Events.Count > 1)
            Row(text, "group", $"{Or(alert.Group)}, {alert.Events.Count} events");
        Row(text, "where", $"{Or(facts.Account)} {Or(facts.Region)}");
        Row(text, "when", PlainText.When(alert, _clock.GetUtcNow()) + Repeats(dispatch));
        if (PlainText.Clean(rule.FirstStep, 2 * MaxValue) is { Length: > 0 } step)
            Row(text, "first", step);
        Row(text, "alert", alert.Id.Value[..Math.Min(ShortId, alert.Id.Value.Length)]);
        return text.Append('\n').ToString();
    }

    private string Severity(Alert alert)
    {
        var word = alert.Rule.Level.Word().ToUpperInvariant().PadRight("INFORMATIONAL".Length);
        if (!_colours)
            return word;
        var colour = alert.Rule.Level switch
        {
            Level.Informational => "36", // cyan
            Level.Low => "34", // blue
            Level.Medium => "33", // yellow
            Level.High => "31", // red
            _ => "97;41", // white on red
        };
        return $"\u001b[{colour}m{word.TrimEnd()}\u001b[0m{word[word.TrimEnd().Length..]}";
    }

    private static string Failure(AlertFacts facts) => facts.ErrorCode is { } error ? $", failed with {Or(error)}" : "";

    private static string Targets(AlertFacts facts)
    {
        if (facts.Targets.Count == 0)
            return "";
        var more = facts.Targets.Count - MaxTargets;
        var shown = string.Join(", ", facts.Targets.Take(MaxTargets).Select(Or));
        return more > 0 ? $", on {shown} and {more} more" : $", on {shown}";
    }

    private static string Repeats(Dispatch dispatch) => dispatch.Suppressed > 0 ? $", {dispatch.Suppressed} more suppressed" : "";

    private static string Or(string? value) => PlainText.Clean(value, MaxValue) is { Length: > 0 } clean ? clean : "–";

    private static void Row(StringBuilder text, string label, string value) => text.Append(CultureInfo.InvariantCulture, $"    {label, -5}  {value}\n");
}
