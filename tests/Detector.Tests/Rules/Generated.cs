using System.Net;
using System.Text.Json;
using Detector.Core.Rules;
using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests.Rules;

/// <summary>Generates rules and records out of few fields and few values, so that they often meet.</summary>
internal static class Generated
{
    private static readonly string[] Fields =
    [
        "eventName",
        "eventSource",
        "userIdentity.type",
        "userIdentity.invokedBy",
        "errorCode",
        "readOnly",
        "eventType",
        "requestParameters",
        "requestParameters.name",
        "requestParameters.items.name",
        "a.b",
    ];

    private static readonly string[] Texts =
    [
        "GetKey",
        "getkey",
        "PutÄrger",
        "putärger",
        "PutKey",
        "22",
        "true",
        "null",
        "",
        "Key",
        "iam.amazonaws.com",
        "Root",
        "10.1.2.3",
        "x\"y\\z",
        "ſ",
        "K",
    ];

    public static Gen<DetectionRule[]> Rules { get; } =
        from count in Gen.Choose(1, 8)
        from conditions in AnyCondition(3).ArrayOf(count)
        select conditions
            .Select(
                (condition, i) =>
                    new DetectionRule
                    {
                        Title = $"rule {i}",
                        Place = new RulePlace("r.yml", 1, 1),
                        Condition = condition,
                    }
            )
            .ToArray();

    public static Gen<string[]> Records { get; } = from count in Gen.Choose(1, 12) from records in Record.ArrayOf(count) select records;

    private static Gen<string> Record =>
        from members in Gen.CollectToArray(
            ["eventName", "eventSource", "userIdentity", "errorCode", "readOnly", "eventType", "requestParameters", "a", "a.b", "eventName"],
            name => Member(name)
        )
        from order in Gen.Shuffle(members)
        from space in Gen.Elements("", "", " ", "\n ")
        select "{" + string.Join("," + space, order.Where(m => m is not null)) + space + "}";

    private static Gen<string?> Member(string name) =>
        from present in Gen.Choose(0, 3)
        from value in name switch
        {
            "userIdentity" or "a" => Gen.Frequency((5, Object(["type", "invokedBy", "b"])), (1, Odd)),
            "requestParameters" => Gen.Frequency((5, Object(["name", "items"])), (1, Odd)),
            _ => Gen.Frequency((5, Json), (1, Odd)),
        }
        select present == 0 ? null : $"\"{name}\":{value}";

    private static Gen<string> Object(string[] names) =>
        from members in Gen.CollectToArray(names, name => name == "items" ? Items.Select(i => $"\"items\":{i}") : Json.Select(v => $"\"{name}\":{v}"))
        from chosen in Gen.SubListOf(members)
        select $"{{{string.Join(',', chosen)}}}";

    private static Gen<string> Items => Gen.OneOf(Object(["name"]), Odd).ArrayOf().Select(items => $"[{string.Join(',', items.Take(4))}]");

    private static Gen<string> Json =>
        Gen.Frequency(
            (6, Gen.Elements(Texts).Select(t => JsonSerializer.Serialize(t))),
            (
                2,
                Gen.Elements(Texts)
                    .Select(t => JsonEncodedText.Encode(t, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping))
                    .Select(t => $"\"{t}\"")
            ),
            (2, Gen.Elements("22", "22.0", "-1", "true", "false", "null"))
        );

    private static Gen<string> Odd =>
        Gen.OneOf(
            Json,
            Json.ArrayOf().Select(items => $"[{string.Join(',', items.Take(3))}]"),
            Json.Select(v => $"[[{v}],{{\"type\":{v}}}]"),
            Json.Select(v => $"{{\"name\": {v}}}"),
            Gen.Elements("null", "{}", "[]", "[null]", "\"\\u0047etKey\"")
        );

    private static Gen<Condition> AnyCondition(int depth) =>
        depth == 0
            ? Leaf
            : Gen.Frequency(
                (3, Leaf),
                (2, Parts(depth).Select(parts => (Condition)new Condition.And(parts))),
                (2, Parts(depth).Select(parts => (Condition)new Condition.Or(parts))),
                (1, AnyCondition(depth - 1).Select(part => (Condition)new Condition.Not(part))),
                // Most real rules name their events.
                (
                    3,
                    from name in Literal
                    from rest in AnyCondition(depth - 1)
                    select (Condition)new Condition.And([new Condition.Field("eventName", name), rest])
                )
            );

    private static Gen<Condition[]> Parts(int depth) => from count in Gen.Choose(0, 3) from parts in AnyCondition(depth - 1).ArrayOf(count) select parts;

    private static Gen<Condition> Leaf =>
        Gen.Frequency(
            (12, from path in Gen.Elements(Fields) from test in Test select (Condition)new Condition.Field(path, test)),
            (1, Pattern.Select(pattern => (Condition)new Condition.Keyword(new FieldTest.Text(pattern))))
        );

    private static Gen<FieldTest> Test =>
        Gen.Frequency(
            (6, Literal),
            (6, Pattern.Select(p => (FieldTest)new FieldTest.Text(p))),
            (2, Gen.Constant<FieldTest>(new FieldTest.IsNull())),
            (2, Gen.Elements(true, false).Select(present => (FieldTest)new FieldTest.Exists(present))),
            (1, Gen.Elements("^Get", "key$", "(?i)PUT", "^$", "[0-9]+").Select(r => (FieldTest)new FieldTest.Matches(r, false, false, false))),
            (1, from o in Gen.Elements(Enum.GetValues<Comparison>()) from n in Gen.Elements(22m, 0m) select (FieldTest)new FieldTest.Number(o, n)),
            (1, Gen.Constant<FieldTest>(new FieldTest.Cidr(IPNetwork.Parse("10.0.0.0/8")))),
            (
                2,
                from other in Gen.Elements(Fields)
                from anchor in Gen.Elements(Enum.GetValues<TextAnchor>())
                from cased in Gen.Elements(true, false)
                select (FieldTest)new FieldTest.SameAs(other, anchor, cased)
            )
        );

    private static Gen<FieldTest> Literal =>
        from text in Gen.Elements(Texts)
        from cased in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select (FieldTest)new FieldTest.Text(TextPattern.Exactly(text, cased));

    private static Gen<TextPattern> Pattern =>
        from pieces in Gen.Elements("*", "?", "Get", "get", "Ä", "ä", "Key", "k", "put", "2", "t", "").ArrayOf()
        from cased in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select Detector.Core.Rules.Sigma.SigmaText.Pattern(string.Concat(pieces.Take(5)), cased);
}
