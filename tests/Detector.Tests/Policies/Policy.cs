using System.Text;
using Detector.Core.Policies;

namespace Detector.Tests.Policies;

/// <summary>Short ways to ask a policy.</summary>
internal static class Policy
{
    public static readonly DateTimeOffset At = new(2024, 8, 18, 9, 0, 0, TimeSpan.Zero);

    /// <summary>A document of one or more statements, given as the insides of their objects with ' for ".</summary>
    public static string Of(params string[] statements) =>
        $"{{\"Version\":\"2012-10-17\",\"Statement\":[{string.Join(',', statements.Select(s => $"{{{s.Replace('\'', '"')}}}"))}]}}";

    public static PolicyDocument Read(string json) => PolicyDocument.Read(Encoding.UTF8.GetBytes(json));

    public static PolicyAnswers Ask(string json, PolicyHolder? holder = null) => PolicyAnswers.Of(Read(json), At, holder);

    public static PolicyAnswers AskOf(params string[] statements) => Ask(Of(statements));

    public static Trust TrustOf(params string[] statements) => Trust.Of(Read(Of(statements)), At);
}
