using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Detector.Benchmarks;

/// <summary>
/// Prints what a replay takes for calls of one kind without end, as a Markdown table: four times as many are to take no more than four times as long, whatever a caller
/// does again and again.
/// </summary>
internal static class FloodTable
{
    private const int Few = 10_000;
    private const int Many = 4 * Few;
    private const int PerSecond = 20;

    private static readonly DateTime Start = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly string[] Denied = ["DescribeVpcs", "DescribeSubnets", "DescribeImages", "DescribeVolumes", "DescribeKeyPairs", "DescribeAddresses"];

    private static readonly (string What, Func<int, string> Call)[] Floods =
    [
        ("a call that nobody minds", _ => Call("ec2", "DescribeInstances", "{}")),
        ("a program that lacks a permission: six calls, denied in turn", n => Call("ec2", Denied[n % Denied.Length], "{}", "Client.UnauthorizedOperation")),
        ("a role taken", n => Take("deploy", n)),
        ("another role taken each time", n => Take($"r{n}", n)),
        ("a role made", n => Call("iam", "CreateRole", $$"""{"roleName":"r{{n}}"}""")),
        ("an inline policy of one role written", n => Put("r", $"p{n}", "s3:GetObject")),
        ("administration granted to one role by one policy", _ => Put("r", "p", "*")),
        ("administration granted to another role each time", n => Put($"r{n}", "p", "*")),
        (
            "a user put into a group of administrators",
            n =>
                n == 0
                    ? Call("iam", "AttachGroupPolicy", """{"groupName":"g","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""")
                    : Call("iam", "AddUserToGroup", $$"""{"userName":"u{{n}}","groupName":"g"}""")
        ),
        ("a key pair imported", n => Call("ec2", "ImportKeyPair", $$"""{"keyName":"k{{n}}"}""")),
        ("a long-term key used from another address each time", n => Call("s3", "GetObject", "{}", address: $"198.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")),
    ];

    /// <param name="output">Where to.</param>
    /// <param name="program">A published program.</param>
    public static void Print(TextWriter output, string program)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| a caller's only call | {Few:N0}, ms | {Many:N0}, ms |\n|---|---|---|"));
        foreach (var (what, call) in Floods)
        {
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"| {what} | {Milliseconds(program, call, Few):N0} | {Milliseconds(program, call, Many):N0} |")
            );
        }
    }

    private static double Milliseconds(string program, Func<int, string> call, int calls)
    {
        var folder = Directory.CreateTempSubdirectory("detector-floods-").FullName;
        try
        {
            using (var packed = new GZipStream(File.Create(Path.Combine(folder, "flood.json.gz")), CompressionLevel.Fastest))
            {
                packed.Write("{\"Records\":["u8);
                for (var n = 0; n < calls; n++)
                {
                    var time = Start.AddSeconds(n / PerSecond).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                    packed.Write(Encoding.UTF8.GetBytes($$"""{{(n == 0 ? "" : ",")}}{{{call(n)}},"eventTime":"{{time}}","eventID":"flood-{{n}}"}"""));
                }
                packed.Write("]}"u8);
            }
            return ProgramRun.Milliseconds(program, ["replay", folder, "--output", "jsonl"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Take(string role, int n) =>
        Call(
            "sts",
            "AssumeRole",
            $$"""{"roleArn":"arn:aws:iam::111122223333:role/{{role}}","roleSessionName":"s{{n}}"}""",
            response: $$$"""{"credentials":{"accessKeyId":"ASIAEXAMPLE{{{n}}}"},"assumedRoleUser":{"assumedRoleId":"AROAEXAMPLE:s{{{n}}}","arn":"arn:aws:sts::111122223333:assumed-role/{{{role}}}/s{{{n}}}"}}"""
        );

    private static string Put(string role, string policy, string action) =>
        Call(
            "iam",
            "PutRolePolicy",
            $$$"""{"roleName":"{{{role}}}","policyName":"{{{policy}}}","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"{{{action}}}\",\"Resource\":\"*\"}]}"}"""
        );

    /// <summary>A call of one user, but for its braces, its time and its id.</summary>
    private static string Call(string service, string name, string request, string? error = null, string address = "203.0.113.9", string response = "null") =>
        $$"""
            "eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/flood","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEFLOOD","userName":"flood"},"eventSource":"{{service}}.amazonaws.com","eventName":"{{name}}","awsRegion":"eu-west-1","sourceIPAddress":"{{address}}","userAgent":"aws-cli/2.17.0","requestParameters":{{request}},"responseElements":{{response}},{{(
                error is null ? "" : $"\"errorCode\":\"{error}\","
            )}}"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"
            """;
}
