using System.Text;
using Detector.Core.Events;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection;

/// <summary>Accounts and regions whose events are wanted; none of either for all.</summary>
/// <param name="Accounts">Account ids, 12 digits: the account in which it happened (<c>recipientAccountId</c>, else the caller's).</param>
/// <param name="Regions">Regions: <c>awsRegion</c>, which for IAM and other global services is us-east-1.</param>
public sealed record PlaceScope(IReadOnlyList<string> Accounts, IReadOnlyList<string> Regions)
{
    /// <summary>Everywhere.</summary>
    public static PlaceScope All { get; } = new([], []);

    /// <summary>Whether nothing is left out.</summary>
    public bool IsAll => Accounts.Count == 0 && Regions.Count == 0;
}

/// <summary>Tells whether single records are inside. For one thread.</summary>
internal sealed class PlaceFilter(PlaceScope scope)
{
    private const int Recipient = 0;
    private const int Caller = 1;
    private const int Region = 2;

    private readonly FieldReader _fields = new(["recipientAccountId", "userIdentity.accountId", "awsRegion"]);

    /// <summary>Whether a record is inside. One that does not say where it belongs cannot be told to be outside.</summary>
    public bool Holds(in CloudTrailEvent record)
    {
        if (scope.IsAll)
        {
            return true;
        }
        var view = _fields.Read(record.Json);
        return Is(view, view.First(Recipient) >= 0 ? Recipient : Caller, scope.Accounts) && Is(view, Region, scope.Regions);
    }

    private static bool Is(scoped in RecordView view, int field, IReadOnlyList<string> wanted) =>
        wanted.Count == 0
        || view.First(field) is not (>= 0 and var value)
        || !view.TryText(value, out var text)
        || wanted.Contains(Encoding.UTF8.GetString(text), StringComparer.Ordinal);
}
