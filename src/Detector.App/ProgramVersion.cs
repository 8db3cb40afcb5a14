using System.Reflection;

namespace Detector.App;

/// <summary>Which program this is: a release's number, or the number it leads up to with the commit behind it.</summary>
internal static class ProgramVersion
{
    private const int CommitLength = 12;

    public static string Text { get; } =
        Short(typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    private static string Short(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus && version.Length > plus + 1 + CommitLength
            ? version[..(plus + 1 + CommitLength)]
            : version;
}
