using System.Net;
using Detector.Core;

namespace Detector.App.Vigil;

/// <summary>
/// Says at fixed times that all is well, to a service that pages when it hears nothing (a dead man's switch) and to the log, and says nothing while all is not
/// well: what has died, or has gone blind, cannot report itself.
/// </summary>
/// <param name="url">Called with GET; null for the log alone. It is a secret: whoever knows it can feign health.</param>
/// <param name="isLogged">Whether each gets a line of its own.</param>
/// <param name="every">The time between two.</param>
/// <param name="complaints">Why all is not well; empty if it is.</param>
/// <param name="http">Calls.</param>
/// <param name="time">The wall clock.</param>
/// <param name="notices">Gets the heartbeat's own line, and why there is none.</param>
internal sealed class Heartbeat(
    Uri? url,
    bool isLogged,
    TimeSpan every,
    Func<CancellationToken, ValueTask<IReadOnlyList<string>>> complaints,
    HttpClient http,
    TimeProvider time,
    IProgress<Notice> notices
)
{
    /// <summary>Subject of the log lines: metric filters look for it.</summary>
    public const string Subject = "heartbeat";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Beats until stopped.</summary>
    public Task RunAsync(CancellationToken stopping) =>
        Rounds.RunAsync(
            every,
            time,
            () => BeatAsync(stopping),
            e => notices.Report(new Notice(NoticeSeverity.Warning, Subject, "withheld: it could not be found out whether all is well", e)),
            stopping
        );

    /// <summary>Beats once, or says why not.</summary>
    public async Task BeatAsync(CancellationToken stopping)
    {
        var wrong = await complaints(stopping);
        if (wrong.Count > 0)
        {
            notices.Report(new Notice(NoticeSeverity.Warning, Subject, $"withheld: {string.Join("; ", wrong)}"));
            return;
        }
        if (isLogged)
            notices.Report(new Notice(NoticeSeverity.Information, Subject, "all is well"));
        if (url is null)
            return;
        using var patience = new CancellationTokenSource(Patience, time);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        try
        {
            using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, bounded.Token);
            if (answer.StatusCode is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices)
                notices.Report(new Notice(NoticeSeverity.Warning, Subject, $"not taken: HTTP {(int)answer.StatusCode}"));
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // The message may hold the address, which is a secret.
            notices.Report(new Notice(NoticeSeverity.Warning, Subject, $"not taken: {e.GetType().Name}"));
        }
    }
}
