namespace Detector.App.Options;

/// <summary>The outcome of reading the configuration from everywhere.</summary>
/// <param name="Options">Null if there are errors.</param>
/// <param name="Errors">All of them.</param>
/// <param name="Given">What was set, and where, one setting an entry, without secrets; for the log. The rest is as in <see cref="Keys"/>.</param>
internal sealed record Configuration(DetectorOptions? Options, IReadOnlyList<ConfigurationError> Errors, IReadOnlyList<string> Given)
{
    /// <summary>Read if it is there and no other file is named.</summary>
    public const string DefaultFile = "detector.yaml";

    /// <summary>Reads file, environment and flags; the later win, key by key.</summary>
    /// <param name="file">The file that <c>--config</c> names; null for <see cref="DefaultFile"/>, if there is one.</param>
    /// <param name="environment">All of the process's variables.</param>
    /// <param name="rules">The values of <c>--rules</c>.</param>
    public static Configuration Load(string? file, IEnumerable<KeyValuePair<string, string>> environment, IReadOnlyList<string> rules)
    {
        var settings = new Settings();
        if (file is not null || File.Exists(DefaultFile))
            YamlSettings.Read(file ?? DefaultFile, settings);
        EnvironmentSettings.Read(environment, settings);
        if (rules.Count > 0)
            settings.Set(new Setting(Keys.Rules, rules, new Place("--rules")));
        var options = OptionsReader.Read(settings);
        return new Configuration(options, settings.Errors, [.. settings.Given.Select(Describe)]);
    }

    private static string Describe(Setting setting) =>
        $"{setting.Key.Name}={(setting.Key.IsSecret ? "***" : OneLine.Of(string.Join(",", setting.Values)))} ({setting.Place})";
}
