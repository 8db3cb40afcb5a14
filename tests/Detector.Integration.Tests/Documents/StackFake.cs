using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Detector.Integration.Tests.Documents;

/// <summary>
/// CloudFormation, as far as <c>aws cloudformation deploy</c> asks: a stack is made at once, if every parameter is one of its template, and its output DetectorYaml
/// names what is there. Of EC2 it takes key pairs. Both speak AWS's query protocol: a form in, XML out.
/// </summary>
internal sealed partial class StackFake : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly Dictionary<string, string> _made;
    private string? _template;
    private string _type = "CREATE";

    private StackFake(WebApplication web, Dictionary<string, string> made) => (_web, _made) = (web, made);

    public Uri Url => new(_web.Urls.Single());

    /// <param name="made">What is there in place of the stack's resources, by the name that a template gives them; what is not named is called detector.</param>
    public static async Task<StackFake> StartAsync(Dictionary<string, string> made)
    {
        var fake = new StackFake(LocalServer.Make(), made);
        fake._web.MapPost("/", fake.AnswerAsync);
        await fake._web.StartAsync();
        return fake;
    }

    /// <summary>The configuration that a stack of the project's template would tell.</summary>
    public async Task<string> DetectorYamlAsync() => DetectorYaml(await File.ReadAllTextAsync(Repository.PathOf("infra", "cloudformation", "detector.yaml")));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var action = form["Action"].ToString();
        var (status, body) = action switch
        {
            "DescribeStacks" when _template is null => (400, Error("Stack with id detector does not exist")),
            "CreateChangeSet" when Unknown(form) is { } unknown => (400, Error($"Parameters: [{unknown}] do not exist in the template")),
            "CreateChangeSet" => (200, "<Id>arn:aws:cloudformation:us-east-1:111122223333:changeSet/1</Id><StackId>1</StackId>"),
            "DescribeChangeSet" => (200, "<Status>CREATE_COMPLETE</Status>"),
            "GetTemplateSummary" => (200, $"<Parameters>{string.Concat(Parameters(form["TemplateBody"].ToString()))}</Parameters>"),
            "DescribeStacks" => (
                200,
                $"<Stacks><member><StackName>detector</StackName><StackStatus>{_type}_COMPLETE</StackStatus>{Outputs()}</member></Stacks>"
            ),
            "ExecuteChangeSet" or "ImportKeyPair" or "DeleteKeyPair" => (200, ""),
            _ => (400, Error($"nobody has said what {action} answers")),
        };
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/xml";
        await http.Response.WriteAsync(
            status is not 200 ? body
            : action.EndsWith("KeyPair", StringComparison.Ordinal) ? $"<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"/>"
            : $"<{action}Response xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><{action}Result>{body}</{action}Result></{action}Response>"
        );
    }

    /// <summary>The first parameter that the template does not know; null if there is none. Keeps the template.</summary>
    private string? Unknown(IFormCollection form)
    {
        (_template, _type) = (form["TemplateBody"].ToString(), form["ChangeSetType"].ToString());
        var known = Parameters(_template);
        return form.Where(field => ParameterKey().IsMatch(field.Key))
            .Select(field => field.Value.ToString())
            .FirstOrDefault(name => !known.Contains(Declared(name)));
    }

    private static List<string> Parameters(string template) => [.. Parameter().Matches(template).Select(one => Declared(one.Groups["name"].Value))];

    private static string Declared(string parameter) => $"<member><ParameterKey>{parameter}</ParameterKey></member>";

    private string Outputs() => $"<Outputs><member><OutputKey>DetectorYaml</OutputKey><OutputValue>{DetectorYaml(_template!)}</OutputValue></member></Outputs>";

    private string DetectorYaml(string template)
    {
        var yaml = Indent().Replace(Yaml().Match(template).Groups["yaml"].Value, "\n").Trim() + "\n";
        return Reference().Replace(yaml, name => _made.GetValueOrDefault(name.Groups["name"].Value, "detector"));
    }

    private static string Error(string message) =>
        $"<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>{message}</Message></Error></ErrorResponse>";

    [GeneratedRegex(@"^Parameters\.member\.\d+\.ParameterKey$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterKey();

    [GeneratedRegex(
        @"^  (?<name>[A-Za-z]+):\n    Type: (String|Number|CommaDelimitedList)$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\n  DetectorYaml:\n.*\n    Value: !Sub \|(?<yaml>(\n      .*)+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Yaml();

    [GeneratedRegex(@"\n {6}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Indent();

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z.]+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
