using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Detector.Adapters.Reports;

namespace Detector.Adapters.Slack;

/// <summary>
/// Slack's markup, written as an interpolated string: the literal parts are markup, and nothing that stands in a hole can be. A string in a
/// hole comes out as a code span, the one place where Slack interprets nothing: no bold, emoji, mention, link or list begins in it, and its
/// only way out, the backtick, is replaced. So escaping cannot be forgotten, and Slack's limit of characters holds by construction.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Mrkdwn
{
    /// <summary>What Slack takes in one field of a section; its other texts may be longer.</summary>
    public const int Limit = 2000;

    /// <summary>Longer values are cut. Even all of ampersands, at five characters each, such a value fits within the limit.</summary>
    private const int MaxValue = 300;

    private readonly StringBuilder _text;
    private bool _full;

    public Mrkdwn(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (32 * formattedCount));

    /// <summary>In characters.</summary>
    public int Length => _text.Length;

    /// <summary>Goes on with further markup.</summary>
    public void Add(string between, Mrkdwn more) => Append(between + more);

    public void AppendLiteral(string markup) => Append(markup);

    public void AppendFormatted(string? value) => Append(Code(value));

    public void AppendFormatted(Prose words) => Append(words.Softened);

    public void AppendFormatted(long number) => Append(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>In UTC, as investigators compare times.</summary>
    public void AppendFormatted(DateTimeOffset time) => Append(time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));

    public void AppendFormatted(TimeSpan delay) => Append(PlainText.HowLate(delay));

    /// <summary>An address of our own making, with words for it: see <see cref="ConsoleLink"/>.</summary>
    public void AppendFormatted(ConsoleLink? link) => Append(link is null ? "" : $"<{link.Url}|{ConsoleLink.Words}>");

    /// <summary>Markup inside markup.</summary>
    public void AppendFormatted(Mrkdwn? inner) => Append(inner?.ToString() ?? "");

    /// <summary>Code spans with a space between; blank values are left out.</summary>
    public void AppendFormatted(IEnumerable<string?> values)
    {
        var space = "";
        foreach (var value in values.Where(value => PlainText.Clean(value).Length > 0))
        {
            Append(space + Code(value));
            space = " ";
        }
    }

    /// <summary>What was written; a line or a space after which nothing came is gone.</summary>
    public override string ToString() => _text.ToString().TrimEnd();

    private static string Code(string? value)
    {
        var clean = PlainText.Clean(value, MaxValue).Replace('`', 'ˋ');
        return clean.Length == 0 ? "–" : $"`{SlackEscape.Entities(clean, Limit)}`";
    }

    /// <summary>Whole pieces or nothing: a cut inside a code span would let the rest of it out.</summary>
    private void Append(string piece)
    {
        if (_full)
            return;
        _full = _text.Length + piece.Length >= Limit;
        _text.Append(_full ? "…" : piece);
    }
}

/// <summary>Running text, such as a rule's title. It keeps its looks and loses what Slack would take for markup, a mention or an emoji.</summary>
internal readonly record struct Prose(string? Text)
{
    private const int MaxText = 200;

    public string Softened
    {
        get
        {
            var soft = new StringBuilder(PlainText.Clean(Text, MaxText));
            // Look-alikes that mean nothing to Slack. Of colons those before a space stay: no emoji's name begins there, so none ends anywhere.
            soft.Replace('*', '∗').Replace('_', '＿').Replace('~', '∼').Replace('`', 'ˋ').Replace('@', '＠').Replace('#', '＃');
            for (var i = 0; i < soft.Length; i++)
            {
                if (soft[i] == ':' && (i + 1 == soft.Length || soft[i + 1] != ' '))
                    soft[i] = '∶';
            }
            return SlackEscape.Entities(soft.ToString(), Mrkdwn.Limit);
        }
    }
}
