using Detector.Core;

namespace Detector.App.Options;

/// <summary>
/// Reads settings from the environment: <c>DETECTOR_SLACK__WEBHOOK_FILE</c> is <c>slack.webhookFile</c>. A list is separated by commas; an
/// empty value is none, so that a compose file may pass a variable on that is not set.
/// </summary>
internal static class EnvironmentSettings
{
    public const string Prefix = "DETECTOR_";

    public static void Read(IEnumerable<KeyValuePair<string, string>> environment, Settings settings)
    {
        foreach (var (variable, value) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (variable.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && value.Length > 0)
                Read(variable[Prefix.Length..], value, new Place($"${OneLine.Of(variable)}"), settings);
        }
    }

    private static void Read(string name, string value, Place place, Settings settings)
    {
        if (Keys.All.FirstOrDefault(key => string.Equals(Fold(key.Variable), Fold(Prefix + name), StringComparison.Ordinal)) is { } key)
            settings.Set(
                new Setting(key, key.IsList ? value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [value], place)
            );
        else if (Keys.OfGroup(name.ToLowerInvariant()) is [var first, ..])
            settings.Fail("", place, $"is a group of settings, such as {first.Variable}");
        else if (NearestName.Of(name, Keys.All.Select(known => known.Variable[Prefix.Length..])) is { } near)
            settings.Fail("", place, $"is no setting; did you mean {Prefix}{near}?");
        else if (name.Contains("__", StringComparison.Ordinal))
            settings.Fail("", place, "is no setting");
        // Anything else is not meant for us: Kubernetes sets DETECTOR_SERVICE_HOST for a service of that name.
    }

    // WEBHOOKFILE and WEBHOOK_FILE are the same; the two underscores between group and key are not optional.
    private static string Fold(string variable) =>
        variable.ToUpperInvariant().Replace("__", ".", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
}
