using Detector.Adapters.Aws;
using Detector.Adapters.Aws.Inspection;
using Detector.Core.Policies;

namespace Detector.App.Doctor;

/// <summary>Whether anybody gets what is published.</summary>
internal sealed class TopicCheck(IAccountReader aws, string arn, TimeProvider time)
{
    private static readonly (string Action, string What)[] Misuses =
    [
        ("sns:publish", "forge alerts"),
        ("sns:subscribe", "read alerts"),
        ("sns:deletetopic", "delete it"),
    ];

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var topic = await aws.TopicAsync(arn, cancellation);
        findings.Add(Finding.Ok("topic", arn));
        if (SnsSink.IsFifo(arn))
            findings.Add(Finding.Warning("topic", "a FIFO topic reaches SQS queues only: it pages nobody", "name a standard topic, if people are to be paged"));
        var policy = Examination.Policy(topic.Attributes);
        foreach (var (action, what) in Misuses.Where(one => Trust.OfResource(policy, time.GetUtcNow(), one.Action).LetsEverybodyIn))
            findings.Add(
                Finding.Problem("topic", $"its policy lets everybody do {action}: anybody can {what}", "remove the statement that has \"*\" as its principal")
            );
        await Examination.AddAsync(findings, "subscriptions", () => SubscriptionsAsync(cancellation));
        return findings;
    }

    private async Task<IReadOnlyList<Finding>> SubscriptionsAsync(CancellationToken cancellation)
    {
        var subscriptions = await aws.SubscriptionsAsync(arn, cancellation);
        var confirmed = subscriptions.Count(subscription => subscription.IsConfirmed);
        var pending = subscriptions.Count - confirmed;
        if (confirmed == 0)
            return
            [
                Finding.Problem(
                    "subscriptions",
                    pending == 0
                        ? "nobody is subscribed: alerts reach nobody"
                        : $"{pending} wait for confirmation, and nobody else is subscribed: alerts reach nobody",
                    pending == 0
                        ? $"aws sns subscribe --topic-arn {arn} --protocol email --notification-endpoint ..."
                        : "open the message that was sent, and confirm"
                ),
            ];
        var told = $"{confirmed} confirmed";
        return
        [
            pending == 0
                ? Finding.Ok("subscriptions", told)
                : Finding.Warning("subscriptions", $"{told}, {pending} wait for confirmation", "open the message that was sent, and confirm"),
        ];
    }
}
