using System.Text;
using System.Text.Json;
using Detector.Core.Events;

namespace Detector.Core.Rules.Fields;

/// <summary>One event as derived fields see it: parsed once, whatever many of them ask.</summary>
/// <param name="root">The record.</param>
/// <param name="past">What happened before the event is judged; null while only the record itself is at hand.</param>
internal sealed class EventContext(JsonElement root, Past? past)
{
    private Dictionary<string, object?>? _known;

    public JsonElement Root { get; } = root;

    /// <summary>What was learned up to when the event is judged.</summary>
    public Past? History { get; } = past;

    public JsonElement Identity { get; } = root.Member("userIdentity");

    public JsonElement Request { get; } = root.Member("requestParameters");

    public JsonElement Response { get; } = root.Member("responseElements");

    public DateTimeOffset? Time => CloudTrailTime.TryParse(Encoding.UTF8.GetBytes(Root.Text("eventTime") ?? ""), out var time) ? time : null;

    public string? Name => field ??= Root.Text("eventName");

    /// <summary>Works something out for several fields, once.</summary>
    public T Once<T>(string name, Func<T> value)
    {
        _known ??= new Dictionary<string, object?>(StringComparer.Ordinal);
        if (!_known.TryGetValue(name, out var known))
        {
            _known.Add(name, known = value());
        }
        return (T)known!;
    }

    public string? Source => field ??= Root.Text("eventSource");
}

/// <summary>Looks into JSON of which nothing is certain.</summary>
internal static class JsonElementExtensions
{
    /// <summary>A member of an object; undefined if the element is no object, or has none of the name.</summary>
    public static JsonElement Member(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return default;
        try
        {
            return element.TryGetProperty(name, out var value) ? value : default;
        }
        catch (InvalidOperationException)
        {
            return MemberBesideBroken(element, name);
        }
    }

    /// <summary>The same where the name of another member holds half a surrogate pair. It hides nothing by that.</summary>
    /// <remarks>In a method of its own, because what the query captures is allocated where a method begins.</remarks>
    private static JsonElement MemberBesideBroken(JsonElement element, string name) =>
        element.EnumerateObject().LastOrDefault(member => member.IsNamed(name)).Value;

    private static bool IsNamed(this JsonProperty member, string name)
    {
        try
        {
            return member.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A member that is text; null if there is none.</summary>
    public static string? Text(this JsonElement element, string name) => element.Member(name).Text();

    /// <summary>The element if it is text, else null. Text with half a surrogate pair is none.</summary>
    public static string? Text(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The elements of a list; of anything else that is there, itself.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray(),
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            _ => [element],
        };

    /// <summary>true and false as JSON says them or as text.</summary>
    public static bool? Flag(this JsonElement element, string name) =>
        element.Member(name) switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            { ValueKind: JsonValueKind.String } text when bool.TryParse(text.Text(), out var flag) => flag,
            _ => null,
        };

    /// <summary>A whole number as JSON says it or as text.</summary>
    public static long? Whole(this JsonElement element, string name) =>
        element.Member(name) switch
        {
            { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => whole,
            { ValueKind: JsonValueKind.String } text
                when long.TryParse(
                    text.Text(),
                    System.Globalization.NumberStyles.AllowLeadingSign,
                    System.Globalization.CultureInfo.InvariantCulture,
                    out var whole
                ) => whole,
            _ => null,
        };
}
