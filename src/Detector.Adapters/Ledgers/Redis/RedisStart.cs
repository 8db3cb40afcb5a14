using System.Net;
using Detector.Adapters.Reports;
using Detector.Adapters.Sqlite;
using Detector.Core;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>Connects to Redis, and looks whether it may lose what it is given.</summary>
internal static class RedisStart
{
    private const string Name = "ledger.redis";
    private static readonly Version Oldest = new(6, 2);

    /// <summary>What is wrong with a connection string, to follow it; null if nothing is. It may hold a password, and is never shown.</summary>
    public static string? WhatIsWrongWith(string connection)
    {
        try
        {
            return ConfigurationOptions.Parse(connection).EndPoints.Count > 0 && !connection.Contains("://", StringComparison.Ordinal)
                ? null
                : "names no server: write host:port, and behind it ssl=true, user=… and password=… where needed, joined by commas";
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            return "is no connection such as host:6379,ssl=true,password=…";
        }
    }

    /// <exception cref="StorageException">Nobody answers, or not to us.</exception>
    public static async Task<ConnectionMultiplexer> ConnectAsync(string connection, string name)
    {
        var options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = true;
        options.ClientName = name;
        // For INFO and CONFIG GET.
        options.AllowAdmin = true;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new ExponentialRetry(250, 2000);
        // A failover that closes no connection is seen after this.
        options.ConfigCheckSeconds = 5;
        options.IncludeDetailInExceptions = false;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options);
        }
        catch (RedisConnectionException e)
        {
            var reason = e.FailureType switch
            {
                ConnectionFailureType.AuthenticationFailure => "it does not take the user or the password",
                ConnectionFailureType.UnableToResolvePhysicalConnection or ConnectionFailureType.UnableToConnect => options.Ssl
                    ? "nobody answers there, or not by TLS"
                    : "nobody answers there, or only by TLS (ssl=true)",
                _ => Plain(e),
            };
            throw new StorageException(PlaceOf(options.EndPoints), StorageFault.Unavailable, reason, e);
        }
    }

    /// <summary>Tells, by the names of the server's settings, what it may lose.</summary>
    /// <exception cref="StorageException">It is too old, does not let us in, or does not allow what is needed.</exception>
    public static async Task CheckAsync(ConnectionMultiplexer connection, RedisLedgerOptions options, IProgress<Notice> notices)
    {
        var primary = Array.Find(connection.GetServers(), server => server is { IsConnected: true, IsReplica: false });
        var place = PlaceOf(connection.GetEndPoints());
        if (primary is null)
        {
            throw new StorageException(place, StorageFault.Unavailable, "no primary is among the servers, and replicas cannot be written to");
        }
        if (primary.Version < Oldest)
        {
            throw new StorageException(place, StorageFault.Unavailable, $"Redis {primary.Version} is too old: {Oldest} or newer is needed");
        }
        Dictionary<string, string> settings;
        try
        {
            settings = await SettingsAsync(primary);
        }
        catch (RedisException e)
        {
            throw new StorageException(place, StorageFault.Unavailable, $"it does not answer INFO: {Plain(e)}", e);
        }
        if (await RedisRights.WhatIsDeniedAsync(connection, $"{{{options.Prefix}}}") is { } denied)
        {
            throw new StorageException(place, StorageFault.Unavailable, $"it does not allow the user {denied} on {{{options.Prefix}}}:*");
        }
        foreach (var risk in RedisRisks.Of(settings, options.Replicas, await AdmitsAnybodyAsync(options.Connection)))
        {
            notices.Report(new Notice(NoticeSeverity.Warning, "ledger", risk));
        }
    }

    /// <summary>
    /// Whether the server lets in who shows no password though we show one. Then it also takes a wrong one: a default user without a password does not compare.
    /// </summary>
    private static async Task<bool> AdmitsAnybodyAsync(string connection)
    {
        var options = ConfigurationOptions.Parse(connection);
        if (options is { User: null or "", Password: null or "" })
            return false;
        (options.User, options.Password, options.AbortOnConnectFail, options.ConnectRetry) = (null, null, true, 1);
        try
        {
            await using var anybody = await ConnectionMultiplexer.ConnectAsync(options);
            await anybody.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }

    /// <summary>The first line of what went wrong.</summary>
    public static string Plain(Exception e)
    {
        var innermost = e;
        while (innermost.InnerException is { } inner)
        {
            innermost = inner;
        }
        return PlainText.Clean(innermost.Message.Split('\n')[0], 200);
    }

    private static string PlaceOf(IEnumerable<EndPoint> servers) =>
        $"{Name} {string.Join(", ", servers.Select(server => server is DnsEndPoint named ? $"{named.Host}:{named.Port}" : $"{server}"))}";

    private static async Task<Dictionary<string, string>> SettingsAsync(IServer server)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in (await server.InfoAsync()).SelectMany(section => section))
        {
            settings[line.Key] = line.Value;
        }
        try
        {
            foreach (var line in await server.ConfigGetAsync("appendfsync"))
            {
                settings[line.Key] = line.Value;
            }
        }
        catch (RedisException)
        {
            // Managed services do not tell.
        }
        return settings;
    }
}
