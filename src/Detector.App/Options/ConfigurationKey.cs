namespace Detector.App.Options;

/// <summary>A setting that the program knows.</summary>
/// <param name="Name">As in detector.yaml, group and key joined by a dot.</param>
/// <param name="Words">The form of its value.</param>
/// <param name="Default">What holds when it is not given; null for none.</param>
/// <param name="Meaning">What it does, for the table of settings.</param>
internal abstract record ConfigurationKey(string Name, string Words, string? Default, string Meaning)
{
    /// <summary>Whether its value must never be shown.</summary>
    public abstract bool IsSecret { get; }

    /// <summary>Whether it takes several values.</summary>
    public abstract bool IsList { get; }

    /// <summary>The environment variable that sets it.</summary>
    public string Variable => EnvironmentSettings.Prefix + Name.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();
}

/// <summary>A setting whose value is read as <typeparamref name="T"/>.</summary>
internal sealed record ConfigurationKey<T>(string Name, ValueForm<T> Form, string? Default, string Meaning)
    : ConfigurationKey(Name, Form.Words, Default, Meaning)
{
    /// <inheritdoc/>
    public override bool IsSecret => typeof(T) == typeof(Secret);

    /// <inheritdoc/>
    public override bool IsList => Form.IsList;
}
