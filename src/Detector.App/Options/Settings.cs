using Detector.Core;

namespace Detector.App.Options;

/// <summary>One setting as it was given.</summary>
/// <param name="Key">Which.</param>
/// <param name="Values">Its texts: one, unless the key takes a list.</param>
/// <param name="Place">Where it was given, for messages.</param>
internal sealed record Setting(ConfigurationKey Key, IReadOnlyList<string> Values, Place Place);

/// <summary>
/// All that was given, from every place, and all that is wrong with it. Reading goes on after an error, so that one start tells everything.
/// </summary>
internal sealed class Settings
{
    private const int LongestQuote = 80;

    private readonly Dictionary<ConfigurationKey, Setting> _given = [];
    private readonly List<ConfigurationError> _errors = [];

    /// <summary>Those with a line first, in the order of the lines.</summary>
    public IReadOnlyList<ConfigurationError> Errors => [.. _errors.OrderBy(error => error.Place is { Line: > 0 and var line } ? line : int.MaxValue)];

    public bool HasErrors => _errors.Count > 0;

    /// <summary>What was given, in the order of the table of settings.</summary>
    public IEnumerable<Setting> Given => Keys.All.Select(key => _given.GetValueOrDefault(key)).OfType<Setting>();

    /// <summary>Sets a value; what another place said before is forgotten.</summary>
    public void Set(Setting setting) => _given[setting.Key] = setting;

    public void Fail(string key, Place? place, string reason) => _errors.Add(new ConfigurationError(key, place, reason));

    public void Fail(ConfigurationKey key, string reason) => Fail(key.Name, PlaceOf(key), reason);

    public bool Has(ConfigurationKey key) => _given.ContainsKey(key);

    /// <summary>Whether any key of the group (<c>slack</c>) was given.</summary>
    public bool HasGroup(string group) => _given.Keys.Any(key => key.Name.StartsWith(group + ".", StringComparison.Ordinal));

    /// <summary>The values of a list; empty if it was not given.</summary>
    public IReadOnlyList<string> List(ConfigurationKey key) => _given.TryGetValue(key, out var setting) ? setting.Values : [];

    /// <summary>The value given, or the default. A text that cannot be read is noted as an error, and the default stands in.</summary>
    public T? Get<T>(ConfigurationKey<T> key)
    {
        if (_given.TryGetValue(key, out var setting))
        {
            var parsed = key.Form.Read(setting.Values[0]);
            if (parsed.Problem is null)
                return parsed.Value;
            Fail(key, key.IsSecret ? $"the value {parsed.Problem}" : $"{Quote(setting.Values[0])} {parsed.Problem}");
        }
        return key.Default is null ? default : key.Form.Read(key.Default).Value;
    }

    /// <summary>A name that is no setting's, fit to be shown. A colon without a space behind it makes a name of a key and its value.</summary>
    public static string Name(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? $"{OneLine.Of(text[..colon])}:…" : OneLine.Of(text);

    /// <summary>A text from outside, fit to be shown: short, on one line, without control characters. A URL may hold a secret, and a token of Slack's is one: neither is shown.</summary>
    public static string Quote(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
            return "the URL given";
        if (text.Contains("xox", StringComparison.Ordinal))
            return "the token given";
        return $"\"{ShortText.Of(OneLine.Of(text), LongestQuote)}\"";
    }

    private Place? PlaceOf(ConfigurationKey key) => _given.GetValueOrDefault(key)?.Place;
}
