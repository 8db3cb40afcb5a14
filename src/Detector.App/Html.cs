using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Detector.App;

/// <summary>What every page is made with.</summary>
internal static class Html
{
    /// <summary>A text that stays one, whatever a caller has put into it.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(OneLine.Of(text));

    /// <summary>An instant, for people and programs; a dash if there is none.</summary>
    public static string Time(DateTimeOffset? time) =>
        time is { } at ? $"<time datetime=\"{Times.Exact(at)}\">{at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}</time>" : "–";

    /// <summary>The source in a content security policy that allows exactly this style or script.</summary>
    public static string Source(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    /// <summary>A resource of the program, with the line ends that its hash is made of.</summary>
    public static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(Html).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
