using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests.Policies;

/// <summary>A policy as a model, out of few actions and resources so that its statements often meet.</summary>
/// <param name="Statements">Its statements.</param>
internal sealed record GeneratedPolicy(GeneratedPolicy.Part[] Statements)
{
    /// <summary>One statement.</summary>
    public sealed record Part(bool Allows, bool IsNotAction, string[] Actions, bool IsNotResource, string[] Resources, Test? When);

    /// <summary>One condition; whether it means anything is known beforehand.</summary>
    public sealed record Test(string Operator, string Key, string Value, bool IsReal);

    private static readonly string[] Actions =
    [
        "*",
        "*:*",
        "iam:*",
        "iam:Create*",
        "iam:*Policy*",
        "iam:P?ss*",
        "iam:PassRole",
        "iam:AttachUserPolicy",
        "iam:CreateAccessKey",
        "lambda:*",
        "lambda:Create*",
        "ec2:*",
        "ec2:RunInstances",
        "s3:*",
        "s*",
        "*:Create*",
        "sts:AssumeRole",
        "?*",
        "kms:Decrypt",
    ];

    private static readonly string[] Resources =
    [
        "*",
        "*",
        "*",
        "arn:aws:*",
        "arn:aws:iam::*:*",
        "arn:aws:iam::000000000000:user/*",
        "arn:aws:iam::000000000000:role/*",
        "arn:aws:iam::*:user/Kestrel41",
        "arn:aws:iam::*:policy/?*",
        "arn:aws:s3:::*",
        "arn:aws:*:us-east-1:*:*",
        "arn:aws:s3:::one-bucket",
    ];

    private static readonly Test?[] Tests =
    [
        null,
        null,
        null,
        new("Bool", "aws:SecureTransport", "true", false),
        new("StringEquals", "aws:PrincipalTag/team", "ops", true),
        new("Bool", "aws:MultiFactorAuthPresent", "true", true),
    ];

    public static Gen<GeneratedPolicy> Any { get; } =
        from count in Gen.Choose(1, 4)
        from statements in Statement.ArrayOf(count)
        select new GeneratedPolicy(statements);

    private static Gen<Part> Statement =>
        from allows in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        from isNotAction in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
        from actions in SomeOf(Actions)
        from isNotResource in Gen.Frequency((8, Gen.Constant(false)), (1, Gen.Constant(true)))
        from resources in SomeOf(Resources)
        from test in Gen.Elements(Tests)
        select new Part(allows, isNotAction, actions, isNotResource, resources, test);

    private static Gen<string[]> SomeOf(string[] texts) => from count in Gen.Choose(1, 3) from some in Gen.Elements(texts).ArrayOf(count) select some;

    /// <summary>The plain spelling.</summary>
    public string Write() => "{\"Version\":\"2012-10-17\",\"Statement\":[" + string.Join(',', Statements.Select(s => Write(s, null))) + "]}";

    /// <summary>Another spelling of the same policy, by chance.</summary>
    public string Rewrite(Random random)
    {
        var partition = random.Next(3) switch
        {
            0 => "aws-cn",
            1 => "aws-us-gov",
            _ => "aws",
        };
        var parts = Statements.SelectMany(s => Split(s, random)).ToList();
        for (var copies = random.Next(3); copies > 0; copies--)
        {
            parts.Add(parts[random.Next(parts.Count)]);
        }
        parts.Add(new Part(random.Next(2) == 0, false, ["nosuchservice:Thing"], false, ["*"], null));
        var texts = parts.Select(s => Write(s, random)).ToArray();
        random.Shuffle(texts);
        var list = texts.Length == 1 && random.Next(2) == 0 ? texts[0] : $"[{string.Join($"{Space(random)},", texts)}]";
        string[] members = [$"\"Version\":{Space(random)}\"2012-10-17\"", $"\"{Case("Statement", random)}\"{Space(random)}:{list}", "\"Id\":\"x\""];
        random.Shuffle(members);
        var text = $"{Space(random)}{{{string.Join(',', members)}}}".Replace("arn:aws:", $"arn:{partition}:", StringComparison.Ordinal);
        return random.Next(5) switch
        {
            0 => Uri.EscapeDataString(text),
            1 => Uri.EscapeDataString(Uri.EscapeDataString(text)),
            2 => JsonSerializer.Serialize(text),
            3 => JsonSerializer.Serialize(Uri.EscapeDataString(text)),
            _ => text,
        };
    }

    private static IEnumerable<Part> Split(Part part, Random random)
    {
        var byAction = part.IsNotAction || random.Next(2) == 0 ? [part] : part.Actions.Select(action => part with { Actions = [action] });
        return byAction.SelectMany(one =>
            one.IsNotResource || random.Next(2) == 0 ? [one] : one.Resources.Select(resource => one with { Resources = [resource] })
        );
    }

    private static string Write(Part part, Random? random)
    {
        List<string> members =
        [
            $"\"Effect\":\"{(part.Allows ? "Allow" : "Deny")}\"",
            $"\"{(part.IsNotAction ? "NotAction" : "Action")}\":{List(part.Actions.Select(action => Case(action, random)), random)}",
            $"\"{(part.IsNotResource ? "NotResource" : "Resource")}\":{List(part.Resources.Select(r => Stars(r, random)), random)}",
        ];
        if (part.When is { } when)
        {
            members.Add($"\"Condition\":{{\"{Case(when.Operator, random)}\":{{\"{Case(when.Key, random)}\":{List([when.Value], random)}}}}}");
        }
        if (random is not null)
        {
            members.Add($"\"Sid\":\"s{random.Next(1000)}\"");
            var order = members.ToArray();
            random.Shuffle(order);
            members = [.. order];
        }
        return $"{{{Space(random)}{string.Join($",{Space(random)}", members)}}}";
    }

    private static string List(IEnumerable<string> texts, Random? random)
    {
        var quoted = texts.Select(text => $"\"{Escape(text, random)}\"").ToArray();
        if (random is null)
        {
            return $"[{string.Join(',', quoted)}]";
        }
        random.Shuffle(quoted);
        return quoted.Length == 1 && random.Next(2) == 0 ? quoted[0] : $"[{Space(random)}{string.Join($",{Space(random)}", quoted)}]";
    }

    private static string Case(string text, Random? random) =>
        random is null
            ? text
            : string.Concat(
                text.Select(letter =>
                    random.Next(3) == 0
                        ? char.IsUpper(letter)
                            ? char.ToLowerInvariant(letter)
                            : char.ToUpperInvariant(letter)
                        : letter
                )
            );

    private static string Stars(string text, Random? random) => random?.Next(3) == 0 ? text.Replace("*", "**", StringComparison.Ordinal) : text;

    private static string Escape(string text, Random? random) =>
        random is null
            ? text
            : string.Concat(
                text.Select(letter =>
                    random.Next(20) == 0 && !text.Contains("arn:", StringComparison.Ordinal)
                        ? $"\\u{((int)letter).ToString("x4", CultureInfo.InvariantCulture)}"
                        : letter.ToString()
                )
            );

    private static string Space(Random? random) =>
        random?.Next(6) switch
        {
            0 => " ",
            1 => "\r\n  ",
            2 => "\t",
            _ => "",
        };
}
