using Detector.Core.Rules;

namespace Detector.App.AwsFacts;

/// <summary>The calls that a condition names, by how their events reach a rule of EventBridge.</summary>
/// <param name="Names">All of them; null if the condition may hold whatever the call.</param>
/// <param name="Sources">The event sources; empty if it names none.</param>
/// <param name="Data">Those that only a trail records that asks for data events.</param>
/// <param name="Read">Those that only read, which only rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS get.</param>
internal sealed record NamedCalls(IReadOnlyList<string>? Names, IReadOnlyList<string> Sources, IReadOnlyList<string> Data, IReadOnlyList<string> Read)
{
    public static NamedCalls Of(Condition condition)
    {
        List<string>? names = Implied.Values(condition, "eventName")?.ToList();
        List<string> sources = Implied.Values(condition, "eventSource")?.ToList() ?? [];
        var data = names?.FindAll(name => sources.Exists(source => Operations.Find(source)?.IsData(name) == true)) ?? [];
        return new NamedCalls(names, sources, data, names?.Except(data, StringComparer.OrdinalIgnoreCase).Where(Operations.IsReadOnly).ToList() ?? []);
    }
}
