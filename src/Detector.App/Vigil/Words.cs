namespace Detector.App.Vigil;

/// <summary>Spans of time in words.</summary>
internal static class Words
{
    public static string Of(TimeSpan span) =>
        span switch
        {
            { TotalMinutes: < 2 } => $"{(int)span.TotalSeconds} seconds",
            { TotalHours: < 2 } => $"{(int)span.TotalMinutes} minutes",
            { TotalDays: < 2 } => $"{(int)span.TotalHours} hours",
            _ => $"{(int)span.TotalDays} days",
        };
}
