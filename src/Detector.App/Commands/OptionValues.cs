using System.CommandLine;
using System.CommandLine.Parsing;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>What the parser leaves to say and to ask of options' values.</summary>
internal static class OptionValues
{
    /// <summary>Takes one of a few words, and tells whoever gives another which they are.</summary>
    public static Option<T> OneOf<T>(this Option<T> option, string[] words, StringComparer? comparer = null)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !words.Contains(token.Value, comparer ?? StringComparer.Ordinal)))
                result.AddError($"{option.Name}: {OneLine.Of(token.Value)} {ValueForms.IsNoneOf(words, token.Value)}");
        });
        return option;
    }

    /// <summary>
    /// An option's value for checks of a whole command, which come before what is wrong with an option by itself is told: of one that lacks its value, or has too
    /// many, none.
    /// </summary>
    public static T? ValueIfAny<T>(this CommandResult command, Option<T> option)
    {
        try
        {
            return command.GetValue(option);
        }
        catch (InvalidOperationException)
        {
            // The parser has no other way to say so, and tells of it behind the checks.
            return default;
        }
    }
}
