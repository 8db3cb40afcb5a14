using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>Whether the user may do what the ledger needs. A refusal is not something that passes: without this, each step would wait for it to pass.</summary>
internal static class RedisRights
{
    // Each changes nothing: no such key exists.
    private const string Tried = """
        local k = KEYS[1] .. ':nothing'
        local denied = {}
        for _, command in ipairs({
            {'SET', k, '1', 'XX'}, {'GET', k}, {'GETDEL', k}, {'DEL', k}, {'EXISTS', k}, {'PERSIST', k}, {'PEXPIRE', k, '1'}, {'PTTL', k}, {'TIME'},
            {'HDEL', k, 'f'}, {'HEXISTS', k, 'f'}, {'HGET', k, 'f'}, {'HGETALL', k}, {'HKEYS', k}, {'HMGET', k, 'f'}, {'HSTRLEN', k, 'f'},
            {'SCARD', k}, {'SMEMBERS', k}, {'SREM', k, 'm'}, {'ZADD', k, 'XX', '1', 'm'}, {'ZCARD', k}, {'ZRANGE', k, '0', '0'}, {'ZRANGEBYSCORE', k, '0', '0'},
            {'ZREM', k, 'm'}, {'ZREVRANGEBYSCORE', k, '0', '0'}, {'ZSCORE', k, 'm'},
        }) do
            local answer = redis.pcall(unpack(command))
            if type(answer) == 'table' and answer.err and (string.find(answer.err, "user executing the script can't", 1, true) or string.find(answer.err, 'NOPERM', 1, true)) then
                table.insert(denied, string.lower(command[1]))
            end
        end
        return table.concat(denied, ' ')
        """;

    /// <summary>What is denied, as it stands behind "it does not allow"; null if nothing is, as far as can be told without writing.</summary>
    /// <param name="connection">To the server.</param>
    /// <param name="prefix">With which the names of keys begin.</param>
    public static async Task<string?> WhatIsDeniedAsync(ConnectionMultiplexer connection, string prefix)
    {
        try
        {
            var denied = (string?)await connection.GetDatabase().ScriptEvaluateAsync(Tried, [prefix]);
            return string.IsNullOrEmpty(denied) ? null : denied;
        }
        catch (RedisServerException e) when (e.Message.Contains("NOPERM", StringComparison.Ordinal))
        {
            return $"scripts ({RedisStart.Plain(e)})";
        }
        catch (RedisException)
        {
            // Away, full or starting: that passes, and each step waits for it.
            return null;
        }
    }
}
