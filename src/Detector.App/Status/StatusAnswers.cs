using System.Text;
using System.Text.Json;
using Detector.Adapters.Http;
using Detector.Core.Rules;

namespace Detector.App.Status;

/// <summary>What the status server answers, path by path.</summary>
internal static class StatusAnswers
{
    private const int Ok = 200;
    private const int Unavailable = 503;

    public static IReadOnlyDictionary<string, Func<CancellationToken, ValueTask<StatusAnswer>>> Of(StatusMaker maker) =>
        new Dictionary<string, Func<CancellationToken, ValueTask<StatusAnswer>>>(StringComparer.Ordinal)
        {
            ["/"] = async cancellation => Page(await maker.MakeAsync(cancellation)),
            ["/status.json"] = async cancellation => Whole(await maker.MakeAsync(cancellation)),
            ["/healthz"] = async cancellation => Health(await maker.MakeAsync(cancellation)),
            ["/healthz/ready"] = async cancellation => Health(await maker.MakeAsync(cancellation)),
            // That it answers is the answer.
            ["/healthz/live"] = _ => ValueTask.FromResult(Json(Ok, json => json.WriteString("status", "ok"))),
        };

    private static StatusAnswer Page(StatusReport report) =>
        new(Ok, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(StatusPage.Of(report)), StatusPage.Policy);

    private static StatusAnswer Health(StatusReport report) =>
        Json(
            report.IsReady ? Ok : Unavailable,
            json =>
            {
                json.WriteString("status", report.IsReady ? "ok" : "not ready");
                json.WriteTexts("reasons", report.Complaints);
            }
        );

    internal static StatusAnswer Whole(StatusReport report) =>
        Json(
            Ok,
            json =>
            {
                var live = report.Live;
                json.WriteString("version", report.Version);
                json.WriteBoolean("ready", report.IsReady);
                json.WriteTexts("reasons", report.Complaints);
                json.WriteTexts("worries", report.Worries);
                json.WriteString("at", Times.Exact(live.At));
                json.WriteString("started", Times.Exact(report.Started));
                json.WriteString("source", report.Source);
                json.WriteNumber("rules", report.Rules);
                json.WriteString("watermark", Times.Exact(report.Watermark));
                json.WriteString("newestEvent", Times.Exact(live.NewestEvent));
                json.WriteString("lastReceived", Times.Exact(live.Received));
                json.WriteNumber("events", live.Events);
                json.WriteNumber("rejected", live.Rejected);
                json.WriteArray(
                    "rates",
                    live.Rates,
                    rate =>
                    {
                        json.WriteNumber("minutes", rate.Minutes);
                        json.WriteNumber("events", rate.Events);
                        json.WriteNumber("alerts", rate.Alerts);
                    }
                );
                json.WriteArray(
                    "sinks",
                    report.Sinks,
                    sink =>
                    {
                        var done = live.Sinks.GetValueOrDefault(sink.Name) ?? new SinkStatus();
                        json.WriteString("name", sink.Name);
                        json.WriteString("minimum", sink.Minimum.Word());
                        json.WriteNumber("pending", sink.Outbox.Pending);
                        json.WriteNumber("delivered", done.Delivered);
                        json.WriteNumber("retries", done.Retries);
                        json.WriteNumber("refused", done.Refused);
                        json.WriteString("lastDelivered", Times.Exact(done.LastDelivered));
                        json.WriteString("lastFailure", Times.Exact(done.LastFailure));
                        json.WriteString("reason", done.Reason);
                    }
                );
                json.WriteArray(
                    "alerts",
                    live.Newest,
                    taken =>
                    {
                        json.WriteString("alertId", taken.Alert.Id.Value);
                        json.WriteString("time", Times.Exact(taken.Alert.Time));
                        json.WriteString("rule", taken.Alert.Rule.Name);
                        json.WriteString("level", taken.Alert.Rule.Level.Word());
                        json.WriteString("actor", taken.Alert.Facts.Actor);
                        json.WriteString("account", taken.Alert.Facts.Account);
                        json.WriteString("region", taken.Alert.Facts.Region);
                    }
                );
                json.WriteArray(
                    "hidden",
                    live.Hidden,
                    hidden =>
                    {
                        json.WriteString("suppression", hidden.Suppression);
                        json.WriteString("rule", hidden.Rule.Name);
                        json.WriteNumber("alerts", hidden.Alerts);
                        json.WriteString("last", Times.Exact(hidden.Last));
                    }
                );
                json.WriteArray(
                    "fired",
                    live.Rules,
                    rule =>
                    {
                        json.WriteString("rule", rule.Rule.Name);
                        json.WriteString("level", rule.Rule.Level.Word());
                        json.WriteNumber("alerts", rule.Alerts);
                        json.WriteString("last", Times.Exact(rule.Last));
                    }
                );
                json.WriteArray(
                    "dearest",
                    report.Dearest,
                    cost =>
                    {
                        json.WriteString("rule", cost.Rule);
                        json.WriteNumber("tries", cost.Tries);
                        json.WriteNumber("seconds", cost.Time.TotalSeconds);
                    }
                );
            }
        );

    private static StatusAnswer Json(int status, Action<Utf8JsonWriter> inside) => new(status, "application/json", JsonOut.Bytes(inside));
}
