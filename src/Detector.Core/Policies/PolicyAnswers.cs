using System.Text.Json;
using System.Text.Json.Serialization;

namespace Detector.Core.Policies;

/// <summary>All that a policy's document is asked, small enough to be kept in its place.</summary>
public sealed record PolicyAnswers
{
    /// <summary>Why the document could not be read; then nothing else is known, and nothing is harmless.</summary>
    public PolicyFault Fault { get; init; }

    /// <summary>
    /// Whether it makes an administrator, with no condition that is worth the name. In the JSON only a fault stands before it, and no document has both
    /// (<see cref="IsAdministrativeIn"/>).
    /// </summary>
    public Administration Administration { get; init; }

    /// <summary>Whether it makes one of whoever meets its conditions.</summary>
    public Administration ConditionalAdministration { get; init; }

    /// <summary>The escalation paths that it opens.</summary>
    public IReadOnlyList<EscalationPath> Paths { get; init; } = [];

    /// <summary>What it grants of the paths that take several actions, for the union with what the holder has besides.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>
    /// Whether it makes an administrator or opens a direct path while it asks for neither MFA, source nor organisation, in the Allow or in a Deny that
    /// guards it.
    /// </summary>
    public bool WithoutCondition { get; init; }

    /// <summary>Whether the document was read.</summary>
    [JsonIgnore]
    public bool IsReadable => Fault == PolicyFault.None;

    /// <summary>Whether it makes an administrator, in one way or another.</summary>
    [JsonIgnore]
    public bool IsAdministrative => Administration != Administration.None;

    /// <summary>Whether a direct escalation path is open, without condition.</summary>
    [JsonIgnore]
    public bool Escalates => Paths.Any(path => path is { IsDirect: true, IsConditioned: false });

    /// <summary>Asks a document.</summary>
    /// <param name="document">The document of an identity.</param>
    /// <param name="at">When the event happened; dates in conditions are held against it.</param>
    /// <param name="holder">Who gets it, if it is known.</param>
    public static PolicyAnswers Of(PolicyDocument document, DateTimeOffset at, PolicyHolder? holder = null)
    {
        var statements = holder is null || !document.HasConditions ? document.Statements : document.Statements.Select(statement => statement.For(holder));
        var reaches = statements.Select(statement => Reach.Of(statement, holder?.AccountId)).ToList();
        var always = Grants.Of(reaches, s => s.Allows ? s.Condition.IsTrivial(at) : s.Condition.IsCertain(at));
        var open = EscalationPaths.Of(always).ToList();
        var administration = Administrations.Of(always);
        var answers = new PolicyAnswers
        {
            Fault = document.Fault,
            Administration = administration,
            ConditionalAdministration = administration,
            Paths = open,
            Steps = [.. EscalationPaths.StepsOf(always)],
            WithoutCondition = administration != Administration.None || open.Exists(path => path.IsDirect),
        };
        if (!document.HasConditions)
        {
            return answers;
        }
        var sometimes = Grants.Of(reaches, s => s.Allows || s.Condition.IsCertain(at));
        var uncontrolled = Grants.Of(
            reaches,
            s => s.Allows ? s.Condition.Requires(at) == Controls.None : s.Condition.IsCertain(at) || s.Condition.Guards(at) != Controls.None
        );
        return answers with
        {
            ConditionalAdministration = Administrations.Of(sometimes),
            Paths = [.. EscalationPaths.Of(sometimes).Select(path => open.Contains(path) ? path : path with { IsConditioned = true })],
            WithoutCondition = Administrations.Of(uncontrolled) != Administration.None || EscalationPaths.Of(uncontrolled).Any(path => path.IsDirect),
        };
    }

    /// <summary>
    /// The answers for who holds both policies. A Deny of one does not reach into the other here: where the documents are at hand, ask their
    /// <see cref="PolicyDocument.Union"/>.
    /// </summary>
    public PolicyAnswers With(PolicyAnswers other)
    {
        var steps = Steps.Union(other.Steps, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var paths = Paths
            .Concat(other.Paths)
            .Concat(EscalationPaths.Of(steps))
            .GroupBy(path => path.Name, StringComparer.Ordinal)
            .Select(same => same.FirstOrDefault(path => !path.IsConditioned) ?? same.First());
        return new PolicyAnswers
        {
            Fault = Fault == PolicyFault.None ? other.Fault : Fault,
            Administration = Max(Administration, other.Administration),
            ConditionalAdministration = Max(ConditionalAdministration, other.ConditionalAdministration),
            Paths = [.. paths],
            Steps = [.. steps.Order(StringComparer.Ordinal)],
            WithoutCondition =
                WithoutCondition || other.WithoutCondition || EscalationPaths.Of(steps).Any(path => path.IsDirect && !Paths.Concat(other.Paths).Contains(path)),
        };
    }

    /// <summary>The answers as JSON on one line.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PolicyAnswersContext.Default.PolicyAnswers);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null if it is something else.</summary>
    public static PolicyAnswers? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, PolicyAnswersContext.Default.PolicyAnswers);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// <see cref="IsAdministrative"/> of answers as <see cref="ToJson"/> wrote them, without reading them: what is so is told first, and of thousands of policies that an
    /// account has mostly nothing else is asked.
    /// </summary>
    public static bool IsAdministrativeIn(string json) => json.StartsWith("""{"administration":""", StringComparison.Ordinal);

    private static Administration Max(Administration a, Administration b) => a > b ? a : b;
}

/// <summary>The JSON form of <see cref="PolicyAnswers"/>: what is not so is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(PolicyAnswers))]
internal sealed partial class PolicyAnswersContext : JsonSerializerContext;
