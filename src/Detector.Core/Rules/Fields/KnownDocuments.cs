using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>
/// Reads policy documents, and asks them what they allow. A trail holds the same few documents again and again, for tools write them: what a thread has read
/// lately it need not read again. It keeps no more than <see cref="Most"/> of each sort, of usual length.
/// </summary>
internal sealed class KnownDocuments
{
    private const int Most = 64;
    private const int LongestKept = 4 * 1024;

    [ThreadStatic]
    private static KnownDocuments? _ofThread;

    private readonly Dictionary<string, PolicyDocument> _documents = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Text, string? Account), Known> _known = [];
    private readonly Dictionary<string, PolicyAnswers?> _answers = new(StringComparer.Ordinal);

    private static KnownDocuments OfThread => _ofThread ??= new KnownDocuments();

    /// <summary>A document as a record holds it: text, encoded or not, or an object.</summary>
    public static PolicyDocument Read(JsonElement document) => OfThread.Read(TextOf(document));

    /// <summary>What a document of an identity allows: see <see cref="PolicyAnswers.Of"/>.</summary>
    public static PolicyAnswers Ask(JsonElement document, DateTimeOffset at, PolicyHolder holder) => OfThread.Ask(TextOf(document), at, holder).Answers;

    /// <summary>The same as text, which history keeps.</summary>
    public static string AskForText(JsonElement document, DateTimeOffset at, PolicyHolder holder) => OfThread.Ask(TextOf(document), at, holder).Text;

    /// <summary>What <see cref="AskForText"/> told; null if the text is something else.</summary>
    public static PolicyAnswers? AnswersOf(string text)
    {
        var known = OfThread._answers;
        if (!known.TryGetValue(text, out var answers))
            Keep(known, text, answers = PolicyAnswers.FromJson(Encoding.UTF8.GetBytes(text)), text);
        return answers;
    }

    private PolicyDocument Read(string text)
    {
        if (!_documents.TryGetValue(text, out var document))
            Keep(_documents, text, document = PolicyDocument.Read(Encoding.UTF8.GetBytes(text)), text);
        return document;
    }

    private Known Ask(string text, DateTimeOffset at, PolicyHolder holder)
    {
        if (_known.TryGetValue((text, holder.AccountId), out var known))
            return known;
        var document = Read(text);
        known = new Known(PolicyAnswers.Of(document, at, holder));
        // Conditions may name dates, or the holder, and then the answers are those of the event alone.
        if (!document.HasConditions)
            Keep(_known, (text, holder.AccountId), known, text);
        return known;
    }

    /// <summary>Whoever chose its bytes need not have chosen UTF-8: what is none is replaced, where GetRawText throws.</summary>
    private static string TextOf(JsonElement document) =>
        document.ValueKind == JsonValueKind.Undefined ? "" : Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(document));

    private static void Keep<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value, string text)
        where TKey : notnull
    {
        if (text.Length > LongestKept)
            return;
        if (known.Count == Most)
            known.Clear();
        known.Add(key, value);
    }

    /// <summary>Answers, and their text: history keeps the same text for the same document.</summary>
    private sealed class Known(PolicyAnswers answers)
    {
        public PolicyAnswers Answers => answers;

        public string Text => field ??= Encoding.UTF8.GetString(answers.ToJson());
    }
}
