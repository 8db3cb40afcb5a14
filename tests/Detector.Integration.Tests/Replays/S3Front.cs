using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Detector.Integration.Tests.Replays;

/// <summary>Stands before the emulator's S3 for a client that asks where a bucket is: the emulator's answer is a line break, which the AWS CLI takes for a region.</summary>
internal sealed class S3Front : IAsyncDisposable
{
    private static readonly string[] Kept = ["ETag", "Last-Modified", "Content-Type"];

    private readonly WebApplication _web;
    private readonly HttpClient _http = new();
    private readonly Uri _behind;

    private S3Front(WebApplication web, Uri behind) => (_web, _behind) = (web, behind);

    public Uri Url => new(_web.Urls.Single());

    public static async Task<S3Front> StartAsync(Uri behind)
    {
        var front = new S3Front(LocalServer.Make(), behind);
        front._web.MapGet("/{**path}", front.AnswerAsync);
        await front._web.StartAsync();
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Query.ContainsKey("location"))
        {
            await http.Response.WriteAsync("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>");
            return;
        }
        var asked = new Uri(_behind, http.Request.Path + http.Request.QueryString.ToString());
        using var request = new HttpRequestMessage(HttpMethod.Get, asked);
        request.Headers.TryAddWithoutValidation("Authorization", http.Request.Headers.Authorization.ToString());
        using var answer = await _http.SendAsync(request, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (Kept.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
                http.Response.Headers[name] = values.ToArray();
        }
        await http.Response.Body.WriteAsync(await answer.Content.ReadAsByteArrayAsync(http.RequestAborted), http.RequestAborted);
    }
}
