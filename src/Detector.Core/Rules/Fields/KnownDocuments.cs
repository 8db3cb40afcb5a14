using System.Text;
using System.Text.Json;
using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>
/// Reads policy documents, and asks them what they allow. A trail holds the same few documents again and again, for tools write them: what a thread has read
/// lately it need not read again. It keeps no more than <see cref="Most"/> documents of usual length.
/// </summary>
internal sealed class KnownDocuments
{
    private const int Most = 64;
    private const int LongestKept = 8 * 1024;

    [ThreadStatic]
    private static KnownDocuments? _ofThread;

    private readonly Dictionary<(string Text, string? Account), PolicyAnswers> _answers = [];
    private readonly Dictionary<string, PolicyDocument> _documents = new(StringComparer.Ordinal);

    private static KnownDocuments OfThread => _ofThread ??= new KnownDocuments();

    /// <summary>A document as a record holds it: text, encoded or not, or an object.</summary>
    public static PolicyDocument Read(JsonElement document) => OfThread.Read(TextOf(document));

    /// <summary>What a document of an identity allows: see <see cref="PolicyAnswers.Of"/>.</summary>
    public static PolicyAnswers Ask(JsonElement document, DateTimeOffset at, string? account)
    {
        var known = OfThread;
        var text = TextOf(document);
        if (known._answers.TryGetValue((text, account), out var answers))
            return answers;
        var read = known.Read(text);
        answers = PolicyAnswers.Of(read, at, account);
        // Conditions may name dates, and then the answers are those of the event's time alone.
        if (!read.HasConditions)
            Keep(known._answers, (text, account), answers, text);
        return answers;
    }

    private PolicyDocument Read(string text)
    {
        if (!_documents.TryGetValue(text, out var document))
            Keep(_documents, text, document = PolicyDocument.Read(Encoding.UTF8.GetBytes(text)), text);
        return document;
    }

    private static string TextOf(JsonElement document) => document.ValueKind == JsonValueKind.Undefined ? "" : document.GetRawText();

    private static void Keep<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value, string text)
        where TKey : notnull
    {
        if (text.Length > LongestKept)
            return;
        if (known.Count == Most)
            known.Clear();
        known.Add(key, value);
    }
}
