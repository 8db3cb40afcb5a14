using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests;

/// <summary>Checks a statement on generated values; what fails is shown with the seed that makes it again.</summary>
internal static class Property
{
    /// <param name="values">What the statement is about.</param>
    /// <param name="holds">Throws where the statement is false.</param>
    /// <param name="tries">How many values.</param>
    public static void Holds<T>(Gen<T> values, Action<T> holds, int tries = 300) =>
        Prop.ForAll(values.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(tries));
}
