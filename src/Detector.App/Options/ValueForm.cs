namespace Detector.App.Options;

/// <summary>A form that the text of a setting can have.</summary>
/// <param name="Words">The form in words, for the table of settings: "duration, 10s to 12h".</param>
/// <param name="Read">Reads a text of that form.</param>
/// <param name="IsList">Whether a setting of that form takes several such texts.</param>
internal sealed record ValueForm<T>(string Words, Func<string, Parsed<T>> Read, bool IsList = false);

/// <summary>A value, or why there is none.</summary>
internal readonly record struct Parsed<T>(T? Value, string? Problem)
{
    public static implicit operator Parsed<T>(T value) => new(value, null);

    public static implicit operator Parsed<T>(Problem problem) => new(default, problem.Reason);
}

/// <summary>Why a text could not be read, to follow the text itself: <c>is no duration</c>.</summary>
internal readonly record struct Problem(string Reason);
