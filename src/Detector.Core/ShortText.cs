namespace Detector.Core;

/// <summary>Makes a text short, in sight.</summary>
public static class ShortText
{
    /// <summary>At most <paramref name="max"/> characters, the last of them <c>…</c> if something was cut; no character is cut in half.</summary>
    public static string Of(string text, int max)
    {
        if (text.Length <= max)
        {
            return text;
        }
        var keep = max - 1;
        if (keep > 0 && char.IsHighSurrogate(text[keep - 1]))
        {
            keep--;
        }
        return text[..keep] + "…";
    }
}
