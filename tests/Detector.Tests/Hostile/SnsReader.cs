using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.Adapters.Aws;

namespace Detector.Tests.Hostile;

/// <summary>
/// Reads a message for SNS as SNS and its subscribers do. Source: Amazon SNS API reference, "Publish"; developer guide, "Message attributes", "Mobile text messaging".
/// </summary>
internal static partial class SnsReader
{
    private const int MaxBytes = 262_144;
    private const string CutMark = "...";

    /// <summary>What SNS would refuse, or a subscriber could not read, or is cut without a mark and a way to the rest.</summary>
    public static IEnumerable<string> Violations(TopicMessage message, string id)
    {
        using var bodies = JsonDocument.Parse(message.Bodies);
        var size = Encoding.UTF8.GetByteCount(message.Bodies) + Size(message);
        if (size > MaxBytes)
            yield return $"{size} bytes are more than SNS takes";
        foreach (var problem in Subject(message.Subject).Concat(Attributes(message)).Concat(Reader.Cuts(message.Subject, CutMark)))
            yield return problem;
        var cut = false;
        foreach (var body in bodies.RootElement.EnumerateObject())
        {
            var text = body.Value.GetString()!;
            var problems = body.Name switch
            {
                "sms" => Sms(text),
                "email" => Reader.Terminal(text).Concat(text.Split('\n').SelectMany(line => Reader.Cuts(line))),
                _ => Machine(text, out cut),
            };
            foreach (var problem in problems)
                yield return $"{body.Name}: {problem}";
        }
        if (cut && !bodies.RootElement.GetProperty("email").GetString()!.Contains($"detector alerts show {id}", StringComparison.Ordinal))
            yield return "cut, and nothing says where the rest is";
    }

    /// <summary>Links that people's programs would make.</summary>
    public static IEnumerable<string> Links(TopicMessage message)
    {
        using var bodies = JsonDocument.Parse(message.Bodies);
        return
        [
            .. ((string[])["email", "sms"]).SelectMany(name => Reader.Mail(bodies.RootElement.GetProperty(name).GetString()!)),
            .. Reader.Mail(message.Subject),
        ];
    }

    private static List<string> Machine(string text, out bool cut)
    {
        cut = false;
        if (!Reader.IsJson(text, out var problem))
            return [$"broken JSON: {problem}"];
        using var json = JsonDocument.Parse(text);
        cut = json.RootElement.TryGetProperty("cut", out var flag) && flag.GetBoolean();
        return Texts(json.RootElement).SelectMany(one => Reader.Cuts(one)).ToList();
    }

    private static IEnumerable<string> Texts(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Texts(member.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
            JsonValueKind.String => [element.GetString()!],
            _ => [],
        };

    private static IEnumerable<string> Sms(string text)
    {
        if (text.Length > 140)
            yield return "longer than one text message";
        if (text.Any(character => character is < ' ' or > '~'))
            yield return "characters that no telephone's alphabet has";
        foreach (var problem in Reader.Cuts(text, CutMark))
            yield return problem;
    }

    private static IEnumerable<string> Subject(string subject)
    {
        if (subject.Length is 0 or >= 100 || subject.Any(character => character is < ' ' or > '~') || subject[0] == ' ')
            yield return $"SNS takes no such subject: {subject}";
    }

    private static IEnumerable<string> Attributes(TopicMessage message)
    {
        // A queue that takes messages raw takes no more, and then gets none of the message.
        if (message.Attributes.Count > 10)
            yield return "more than ten attributes";
        foreach (var one in message.Attributes)
        {
            if (!Name.IsMatch(one.Name) || one.Value.Length == 0 || Reader.IsBroken(one.Value))
                yield return $"SNS takes no such attribute: {one}";
            foreach (var problem in Reader.Terminal(one.Value).Concat(one.Type is "String" or "String.Array" ? [] : ["an unknown type"]))
                yield return $"{one.Name}: {problem}";
            var values = one.Type == "String" ? [one.Value] : JsonSerializer.Deserialize<string[]>(one.Value)!;
            foreach (var problem in values.SelectMany(value => Reader.Cuts(value)))
                yield return $"{one.Name}: {problem}";
        }
    }

    private static int Size(TopicMessage message) =>
        message.Attributes.Sum(one => Encoding.UTF8.GetByteCount(one.Name) + Encoding.UTF8.GetByteCount(one.Type) + Encoding.UTF8.GetByteCount(one.Value));

    [GeneratedRegex(@"^(?!\.|AWS\.|Amazon\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$", RegexOptions.None, 1000)]
    private static partial Regex Name { get; }
}
