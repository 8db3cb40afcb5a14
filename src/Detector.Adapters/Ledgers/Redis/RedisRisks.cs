using System.Globalization;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>What a server's settings may cost: it acknowledges what it could still lose.</summary>
internal static class RedisRisks
{
    /// <param name="settings">What INFO tells, and <c>appendfsync</c> if the server tells it.</param>
    /// <param name="replicas">How many replicas are waited for.</param>
    /// <param name="admitsAnybody">Whether it lets in who shows no password, though we show one.</param>
    public static IEnumerable<string> Of(IReadOnlyDictionary<string, string> settings, int replicas, bool admitsAnybody)
    {
        if (admitsAnybody)
        {
            yield return "the default user has no password: whoever reaches Redis may read and change what is in it, and a wrong password in ledger.redis goes unnoticed (requirepass, or ACL SETUSER default off)";
        }
        var connected = Number("connected_slaves");
        if (Text("aof_enabled") is "0")
        {
            yield return "appendonly no: when Redis restarts, what came since its last snapshot is lost, with the alerts that wait in it";
        }
        else if (Text("appendfsync") is "everysec" && replicas == 0)
        {
            yield return "appendfsync everysec: if the machine of Redis fails, what came in its last second or two is lost (appendfsync always, or ledger.wait, loses nothing)";
        }
        else if (Text("appendfsync") is "no" && replicas == 0)
        {
            yield return "appendfsync no: if the machine of Redis fails, what its system had not yet written to disk is lost";
        }
        if (Number("maxmemory") > 0 && Text("maxmemory_policy") is { } policy and not "noeviction")
        {
            yield return $"maxmemory-policy {policy}: when its memory is full Redis drops keys, also of alerts that wait (noeviction makes intake wait instead)";
        }
        if (connected > 0 && replicas == 0)
        {
            yield return "ledger.wait 0 with replicas: if one of them takes over, what it did not have yet is lost";
        }
        if (connected < replicas)
        {
            yield return $"ledger.wait {replicas}, but {connected} replicas are connected: until they are, nothing is acknowledged";
        }

        string? Text(string name) => settings.GetValueOrDefault(name);

        long Number(string name) => long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
