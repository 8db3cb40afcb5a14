using Amazon.SQS.Model;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

/// <summary>What a topic has sent to a queue that subscribes to it.</summary>
internal sealed class Inbox(Emulator emulator, string queue)
{
    private readonly List<Message> _messages = [];

    /// <summary>Makes a topic and subscribes to it.</summary>
    public static async Task<(string Topic, Inbox Inbox)> OfNewTopicAsync(Emulator emulator)
    {
        var topic = await emulator.CreateTopicAsync();
        return (topic, new Inbox(emulator, await emulator.SubscribeAsync(topic, raw: true)));
    }

    /// <summary>Everything that has arrived so far.</summary>
    public async Task<IReadOnlyList<Message>> ReadAsync()
    {
        var request = new ReceiveMessageRequest(queue) { MaxNumberOfMessages = 10, MessageAttributeNames = ["All"] };
        while ((await emulator.Sqs.ReceiveMessageAsync(request)).Messages is { Count: > 0 } messages)
        {
            _messages.AddRange(messages);
            var done = messages.Select((message, index) => new DeleteMessageBatchRequestEntry($"{index}", message.ReceiptHandle));
            await emulator.Sqs.DeleteMessageBatchAsync(new DeleteMessageBatchRequest(queue, [.. done]));
        }
        return _messages;
    }

    public Task CountsAsync(int count) => Eventually.TrueAsync(async () => (await ReadAsync()).Count >= count, $"{count} messages came by SNS");
}
