namespace Detector.App;

/// <summary>What was made of the program and has to be closed.</summary>
internal sealed class Parts : IAsyncDisposable
{
    private readonly Stack<object> _made = new();

    /// <summary>Makes something of parts; if one cannot be made, those that were are closed.</summary>
    /// <exception cref="StartException">A part cannot start; the message tells which and why.</exception>
    public static async Task<T> OpenAsync<T>(Func<Parts, Task<T>> make)
    {
        var parts = new Parts();
        try
        {
            return await make(parts);
        }
        catch (Exception e)
        {
            await parts.DisposeAsync();
            throw e is Adapters.Sqlite.StorageException or IOException ? new StartException(e.Message) : e;
        }
    }

    /// <summary>Sees to it that a part is closed with the others.</summary>
    public T Own<T>(T part)
        where T : notnull
    {
        _made.Push(part);
        return part;
    }

    /// <summary>Closes what was made, the last first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_made.TryPop(out var part))
        {
            if (part is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (part is IDisposable disposable)
                disposable.Dispose();
        }
    }
}

/// <summary>The program cannot start as it was told to; the message is for the person who told it.</summary>
internal sealed class StartException(params IReadOnlyList<string> faults) : Exception(string.Join("; ", faults))
{
    /// <summary>What is wrong, each a line for itself.</summary>
    public IReadOnlyList<string> Faults => faults;
}
