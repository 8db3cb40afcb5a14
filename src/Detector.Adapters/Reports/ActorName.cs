namespace Detector.Adapters.Reports;

/// <summary>The ARN of an IAM identity or of an STS session as people read it: without the beginning that all of them share.</summary>
/// <remarks>AWS, "IAM identifiers": <c>arn:partition:iam-or-sts::account:resource</c>.</remarks>
/// <param name="Account">Whose it is.</param>
/// <param name="Name">What it is called there, such as <c>user/alice</c> or <c>assumed-role/ops/alice</c>.</param>
public readonly record struct ActorName(string Account, string Name)
{
    /// <summary>Null if the actor is told by something else, a service's name for instance.</summary>
    public static ActorName? Of(string? actor) =>
        actor?.Split(':', 6) is ["arn", _, "iam" or "sts", "", var account, { Length: > 0 } name] ? new ActorName(account, name) : null;
}
