namespace Detector.Core.Policies;

/// <summary>
/// Who gets the policy of an identity, as far as a request tells. An Allow whose condition asks for nothing but what its holder is anyway might as well have
/// none: an identity's policy of an account speaks for principals of that account alone.
/// </summary>
/// <remarks>IAM User Guide, "AWS global condition context keys", properties of the principal.</remarks>
/// <param name="AccountId">The account; null where it is not known, as for a permission set, which is assigned in any.</param>
/// <param name="Kind">User or Role; Unknown where either may get it, as a managed policy.</param>
/// <param name="Name">The name of the user or role, if it is one.</param>
public sealed record PolicyHolder(string? AccountId, PrincipalKind Kind = PrincipalKind.Unknown, string? Name = null)
{
    /// <summary>ARNs unlike each other that the holder may have; of one whose path is not known, the one without.</summary>
    internal string[] Arns()
    {
        string[] names = Name is null ? ["Kestrel41", "team/wombat-9"] : [Name];
        string[] kinds = Kind switch
        {
            PrincipalKind.User => ["user"],
            PrincipalKind.Role => ["role"],
            _ => ["user", "role"],
        };
        return [.. kinds.SelectMany(kind => names, (kind, name) => $"arn:aws:iam::{AccountId}:{kind}/{name}")];
    }
}
