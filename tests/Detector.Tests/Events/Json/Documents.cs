using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests.Events.Json;

/// <summary>Generates JSON texts: few keys and values, so that paths meet them, in every style in which JSON may be written.</summary>
internal static class Documents
{
    public static readonly string[] Keys =
    [
        "a",
        "b",
        "c",
        "a.b",
        "b.c",
        "",
        ".",
        "eventName",
        "userName",
        "Ключ",
        "k\"q",
        "back\\slash",
        new string('l', 61),
        new string('m', 64),
        new string('n', 200),
    ];

    /// <summary>Paths of which some lead somewhere in most documents.</summary>
    public static readonly string[] Paths =
    [
        "a",
        "b",
        "a.b",
        "a.b.c",
        "b.c",
        "b.b.b",
        "c.a",
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "Ключ",
        "a.Ключ",
        "k\"q",
        "a.k\"q",
        "back\\slash",
        Keys[^3],
        "a." + Keys[^2],
        Keys[^1],
        "b." + Keys[^1],
    ];

    /// <summary>Paths of keys that are long enough to be told by their ends.</summary>
    public static readonly string[] LongPaths =
    [
        "eventName",
        "eventName.userName",
        "userName.userName",
        "userName.event",
        "lastName",
        "Ключ",
        "Ключ.eventName",
        "back\\slash",
        "back\\slash.eventName",
        Keys[^3],
        "eventName." + Keys[^2],
        Keys[^1],
    ];

    private static readonly Gen<string> Texts = Gen.Elements("", "x", "{[:,]}", "\"", "\\", "\\\"", "tab\tand\nline", "é😀", "null", new string('t', 130));

    /// <summary>A document's text. The outermost value is an object.</summary>
    public static Gen<string> Any { get; } = from style in Styles() from document in Object(4) select Write(document, style);

    private static Gen<Style> Styles() =>
        from space in Gen.Elements("", "", " ", "\n\t", "\r\n    ", new string(' ', 66))
        from escape in Gen.Elements(0, 0, 2, 7)
        select new Style(space, escape);

    private static Gen<object?> Value(int depth)
    {
        var scalar = Gen.OneOf(
            Texts.Select(t => (object?)t),
            Gen.Elements<object?>(new Raw("1"), new Raw("-2.5e3"), new Raw("true"), new Raw("false"), new Raw("null"))
        );
        return depth == 0
            ? scalar
            : Gen.Frequency(
                (3, scalar),
                (2, Object(depth - 1).Select(o => (object?)o)),
                (2, Value(depth - 1).ArrayOf().Select(a => (object?)a.Take(4).ToArray()))
            );
    }

    private static Gen<KeyValuePair<string, object?>[]> Object(int depth) =>
        from length in Gen.Choose(0, 5)
        from members in Member(depth).ArrayOf(length)
        select members;

    private static Gen<KeyValuePair<string, object?>> Member(int depth) =>
        from key in Gen.Frequency((3, Gen.Elements("a", "b", "c")), (2, Gen.Elements(Keys)))
        from value in Value(depth)
        select KeyValuePair.Create(key, value);

    private static string Write(object? value, Style style)
    {
        var text = new StringBuilder();
        Write(value, style, text);
        return text.ToString();
    }

    private static void Write(object? value, Style style, StringBuilder text)
    {
        switch (value)
        {
            case string s:
                WriteString(s, style, text);
                break;
            case Raw raw:
                text.Append(raw.Text);
                break;
            case KeyValuePair<string, object?>[] members:
                WriteAll(
                    members,
                    '{',
                    '}',
                    member =>
                    {
                        WriteString(member.Key, style, text);
                        text.Append(style.Space).Append(':').Append(style.Space);
                        Write(member.Value, style, text);
                    }
                );
                break;
            case object?[] items:
                WriteAll(items, '[', ']', item => Write(item, style, text));
                break;
        }

        void WriteAll<T>(T[] parts, char open, char close, Action<T> write)
        {
            text.Append(open);
            for (var i = 0; i < parts.Length; i++)
            {
                text.Append(i == 0 ? "" : ",").Append(style.Space);
                write(parts[i]);
                text.Append(style.Space);
            }
            text.Append(close);
        }
    }

    /// <summary>Every n-th character escaped, and what JSON demands.</summary>
    private static void WriteString(string s, Style style, StringBuilder text)
    {
        text.Append('"');
        foreach (var (i, rune) in s.EnumerateRunes().Index())
        {
            if ((style.Escape > 0 && i % style.Escape == 0) || Rune.IsControl(rune))
            {
                text.Append(string.Concat(rune.ToString().Select(c => $"\\u{(int)c:x4}")));
            }
            else
            {
                text.Append(rune.Value is '"' or '\\' ? "\\" : "").Append(rune);
            }
        }
        text.Append('"');
    }

    private sealed record Raw(string Text);

    private sealed record Style(string Space, int Escape);
}
