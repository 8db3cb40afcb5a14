using System.Text;
using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Adapters.Aws;

/// <summary>
/// What a subscription's filter policy can ask for. An alert has one value of each and a list of tags; a digest has lists of what its alerts have, so that whoever
/// filters for a rule or an account also gets the digests that tell of it.
/// </summary>
/// <remarks>Amazon SNS Developer Guide, "Message attributes" and "Subscription filter policies".</remarks>
internal static class SnsAttributes
{
    private const int MaxValue = 128;
    private const int MaxTags = 50;
    private const int MaxTag = 64;

    public static IReadOnlyList<TopicAttribute> Of(Alert alert) =>
        [
            .. Text("kind", "alert"),
            .. Text("severity", alert.Rule.Level.Word()),
            .. Text("rule", alert.Rule.Name),
            .. Text("account", alert.Facts.Account),
            .. Text("region", alert.Facts.Region),
            .. List("tags", alert.Rule.Tags, MaxTags, MaxTag),
        ];

    public static IReadOnlyList<TopicAttribute> Of(Digest digest)
    {
        List<Alert> alerts = [.. digest.Members.Select(member => member.Alert)];
        return
        [
            .. Text("kind", "digest"),
            .. List("severity", alerts.Select(alert => alert.Rule.Level.Word())),
            .. List("rule", alerts.Select(alert => alert.Rule.Name)),
            .. List("account", alerts.Select(alert => alert.Facts.Account)),
            .. List("region", alerts.Select(alert => alert.Facts.Region)),
            .. List("tags", alerts.SelectMany(alert => alert.Rule.Tags), longest: MaxTag),
        ];
    }

    private static IEnumerable<TopicAttribute> Text(string name, string? value)
    {
        // SNS refuses a message with an empty attribute.
        if (PlainText.Clean(value, MaxValue) is { Length: > 0 } clean)
            yield return new TopicAttribute(name, "String", clean);
    }

    private static IEnumerable<TopicAttribute> List(string name, IEnumerable<string?> values, int most = int.MaxValue, int longest = MaxValue)
    {
        List<string> clean =
        [
            .. values.Select(value => PlainText.Clean(value, longest)).Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).Take(most),
        ];
        if (clean.Count > 0)
            yield return new TopicAttribute(name, "String.Array", Json(clean));
    }

    private static string Json(List<string> texts) =>
        Encoding.UTF8.GetString(
            TerseJson.Write(writer =>
            {
                writer.WriteStartArray();
                foreach (var text in texts)
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
            })
        );
}
