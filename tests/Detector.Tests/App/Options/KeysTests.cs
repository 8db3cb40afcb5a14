using Detector.App.Options;

namespace Detector.Tests.App.Options;

public sealed class KeysTests
{
    [Fact]
    public void All_Defaults_AreOfTheFormOfTheirKey()
    {
        var settings = new Settings();
        foreach (var key in Keys.All.Where(key => key.Default is not null))
            settings.Set(new Setting(key, [key.Default!], default));

        var options = OptionsReader.Read(settings);

        // The one fault left is that a queue's keys, and the like, were given without the queue.
        Assert.Null(options);
        Assert.All(settings.Errors, error => Assert.StartsWith("is missing", error.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void All_Names_AreUniqueAndFoundByTheirVariable()
    {
        foreach (var key in Keys.All)
        {
            var settings = new Settings();
            EnvironmentSettings.Read([KeyValuePair.Create(key.Variable, "x")], settings);

            Assert.True(settings.Has(key), key.Variable);
        }
        Assert.Distinct(Keys.All.Select(key => key.Name));
    }
}
