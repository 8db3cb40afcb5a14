using System.Globalization;
using Amazon.Runtime;

namespace Detector.Adapters.Aws;

/// <summary>SNS's Publish and PublishBatch.</summary>
/// <remarks>Source of the wire format: Amazon SNS API reference, "Publish", "PublishBatch" (AWS query protocol, version 2010-03-31).</remarks>
internal sealed class SnsClient(AWSCredentials? credentials, SnsConfig config) : IAlertTopic, IDisposable
{
    private const string Failed = "/Failed/member/";
    private const string Successful = "/Successful/member/";

    private readonly SnsCaller _caller = new(credentials, config);

    public async Task<PublishAnswer> PublishAsync(TopicMessage message, CancellationToken cancellation)
    {
        try
        {
            var answer = await _caller.CallAsync("Publish", cancellation, [("TopicArn", message.TopicArn), .. Fields(message, "")]);
            var id = answer.FirstOrDefault(text => text.Path.EndsWith("PublishResult/MessageId", StringComparison.Ordinal)).Text;
            return new PublishAnswer(PublishFate.Published, id);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The contract: failures are answers.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return AnswerTo(AwsFault.Of(exception));
        }
    }

    public async Task<IReadOnlyList<PublishAnswer>> PublishBatchAsync(IReadOnlyList<TopicMessage> messages, CancellationToken cancellation)
    {
        try
        {
            var entries = messages.SelectMany((message, place) => Entry(message, place));
            var answer = await _caller.CallAsync("PublishBatch", cancellation, [("TopicArn", messages[0].TopicArn), .. entries]);
            return Answers(answer, messages.Count);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The contract: failures are answers.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var answer = AnswerTo(AwsFault.Of(exception));
            return [.. messages.Select(_ => answer)];
        }
    }

    public void Dispose() => _caller.Dispose();

    private static IEnumerable<(string Name, string? Value)> Entry(TopicMessage message, int place)
    {
        var entry = string.Create(CultureInfo.InvariantCulture, $"PublishBatchRequestEntries.member.{place + 1}.");
        return [(entry + "Id", place.ToString(CultureInfo.InvariantCulture)), .. Fields(message, entry)];
    }

    private static IEnumerable<(string Name, string? Value)> Fields(TopicMessage message, string before)
    {
        yield return (before + "Subject", message.Subject);
        yield return (before + "Message", message.Bodies);
        yield return (before + "MessageStructure", "json");
        foreach (var (number, attribute) in message.Attributes.Index())
        {
            var entry = string.Create(CultureInfo.InvariantCulture, $"{before}MessageAttributes.entry.{number + 1}.");
            yield return (entry + "Name", attribute.Name);
            yield return (entry + "Value.DataType", attribute.Type);
            yield return (entry + "Value.StringValue", attribute.Value);
        }
        yield return (before + "MessageGroupId", message.Fifo?.Group);
        yield return (before + "MessageDeduplicationId", message.Fifo?.Deduplication);
    }

    /// <summary>One answer a message, by the id that it was sent with. What SNS says nothing of counts as not sent: told twice is better than not at all.</summary>
    private static PublishAnswer[] Answers(IReadOnlyList<(string Path, string Text)> answer, int count)
    {
        var answers = new PublishAnswer[count];
        Array.Fill(answers, new PublishAnswer(PublishFate.NotNow, null, "NoAnswer", "SNS did not say what became of it"));
        foreach (var entry in Entries(answer, Successful))
            Set(entry, new PublishAnswer(PublishFate.Published, entry.GetValueOrDefault("MessageId")));
        foreach (var entry in Entries(answer, Failed))
            Set(
                entry,
                AnswerTo(
                    AwsFault.OfEntry(entry.GetValueOrDefault("Code"), entry.GetValueOrDefault("Message"), entry.GetValueOrDefault("SenderFault") == "true")
                )
            );
        return answers;

        void Set(Dictionary<string, string> entry, PublishAnswer its)
        {
            if (int.TryParse(entry.GetValueOrDefault("Id"), NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < count)
                answers[place] = its;
        }
    }

    /// <summary>The members of a list: each name comes once in a member, in any order.</summary>
    private static List<Dictionary<string, string>> Entries(IReadOnlyList<(string Path, string Text)> answer, string list)
    {
        var entries = new List<Dictionary<string, string>>();
        foreach (var (path, text) in answer)
        {
            if (path.EndsWith(list[..^1], StringComparison.Ordinal))
                entries.Add(new Dictionary<string, string>(StringComparer.Ordinal));
            else if (path.IndexOf(list, StringComparison.Ordinal) is >= 0 and var at && entries.Count > 0)
                entries[^1][path[(at + list.Length)..]] = text;
        }
        return entries;
    }

    private static PublishAnswer AnswerTo(AwsFault fault) => new(FateOf(fault), null, fault.Code, fault.Text);

    /// <summary>
    /// SNS answers <c>InvalidParameter</c> both for a topic that is none and for content it does not take, and names the parameter. Only what
    /// is said of the message itself is beyond mending.
    /// </summary>
    private static PublishFate FateOf(AwsFault fault) =>
        fault switch
        {
            { NeedsSomebody: false } => PublishFate.NotNow,
            { Code: "BatchRequestTooLong" } => PublishFate.Rejected,
            { Code: "InvalidParameter" or "InvalidParameterValue" or "ParameterValueInvalid" }
                when fault.Text.Contains("Message", StringComparison.Ordinal) || fault.Text.Contains("Subject", StringComparison.Ordinal) =>
                PublishFate.Rejected,
            _ => PublishFate.Misconfigured,
        };
}
