namespace Detector.Core.Rules.Sigma;

/// <summary>The <c>windash</c> modifier: a dash or slash that begins a parameter may be any of the characters that Windows programs accept for it.</summary>
internal static class Dashes
{
    private static readonly char[] Kinds = ['-', '/', '\u2013', '\u2014', '\u2015'];

    // More parameters than this in one value would make thousands of patterns.
    private const int MaxPlaces = 4;

    public static IEnumerable<string> Variants(string text)
    {
        var places = Enumerable.Range(0, text.Length).Where(i => BeginsParameter(text, i)).Take(MaxPlaces).ToArray();
        IEnumerable<char[]> variants = [text.ToCharArray()];
        foreach (var place in places)
        {
            variants = variants.SelectMany(variant =>
                Kinds.Select(kind =>
                {
                    var copy = (char[])variant.Clone();
                    copy[place] = kind;
                    return copy;
                })
            );
        }
        return variants.Select(v => new string(v));
    }

    private static bool BeginsParameter(string text, int at) =>
        text[at] is '-' or '/' && (at == 0 || !IsWord(text[at - 1])) && at + 1 < text.Length && IsWord(text[at + 1]);

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';
}
