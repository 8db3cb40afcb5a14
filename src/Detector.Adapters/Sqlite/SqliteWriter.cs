using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Sqlite;

/// <summary>
/// The only one to write to a database: a thread of its own that puts everything waiting into one transaction, because a commit waits for
/// the disk, and that wait is the same for one caller as for two hundred. Each caller hears back after the commit.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int LargestGroup = 256;

    private readonly string _file;
    private readonly Func<SqliteSession>? _again;
    private readonly BlockingCollection<Work> _queue = [];
    private readonly Task _ended;
    private SqliteSession _session;
    private volatile bool _damaged;

    /// <param name="session">Used by the writer's thread alone, and disposed with it.</param>
    /// <param name="file">For messages.</param>
    /// <param name="again">Puts another file in the place of a damaged one; null if it stays.</param>
    public SqliteWriter(SqliteSession session, string file, Func<SqliteSession>? again = null)
    {
        _session = session;
        _file = file;
        _again = again;
        _ended = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>
    /// Runs statements inside the next transaction; the task ends when they are on disk. They may run a second time if the transaction
    /// around them is lost, so they must touch nothing but the session. Cancelled before they start, they do not run.
    /// </summary>
    /// <exception cref="StorageException">The file failed; nothing of the statements remains.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> statements, CancellationToken cancellation)
    {
        var work = new Work<T>(statements, cancellation);
        try
        {
            _queue.Add(work, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            return Task.FromException<T>(new ObjectDisposedException(_file));
        }
        return work.Task;
    }

    /// <summary>Says that the file was found damaged by somebody who reads it.</summary>
    public void Damaged()
    {
        if (_damaged)
            return;
        _damaged = true;
        _ = WriteAsync(_ => 0, CancellationToken.None).ContinueWith(ended => _ = ended.Exception, TaskScheduler.Default);
    }

    /// <summary>Writes what is waiting, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _ended;
    }

    private void Loop()
    {
        var group = new List<Work>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            group.Add(first);
            while (group.Count < LargestGroup && _queue.TryTake(out var next))
                group.Add(next);
            WriteGroup(group);
            foreach (var work in group)
                work.Complete();
            group.Clear();
        }
        _session.Dispose();
    }

    private void WriteGroup(List<Work> group)
    {
        if (TryCommit(group) is not { } error)
            return;
        // That the file is locked nobody in the group has caused, and each would wait as long again.
        if (group.Count == 1 || error is StorageException { Fault: StorageFault.Locked })
        {
            foreach (var work in group)
                work.Fail(error);
            return;
        }
        // The transaction was lost as a whole: each gets one of its own, so that only those suffer who caused it, or whom it still concerns.
        foreach (var work in group)
            WriteGroup([work]);
    }

    private Exception? TryCommit(List<Work> group)
    {
        try
        {
            if (_damaged)
                BeginAnew();
            _session.Run("BEGIN IMMEDIATE");
            foreach (var work in group)
                RunInSavepoint(work);
            _session.Run("COMMIT");
            return null;
        }
        catch (Exception error)
        {
            RollBack();
            return Explain(error);
        }
    }

    private void BeginAnew()
    {
        if (_again is null)
            return;
        _session.Dispose();
        _session = _again();
        _damaged = false;
    }

    private void RunInSavepoint(Work work)
    {
        _session.Run("SAVEPOINT work");
        try
        {
            work.Run(_session);
        }
        catch (Exception error) when (_session.InTransaction)
        {
            _session.Run("ROLLBACK TO work");
            work.Fail(Explain(error));
        }
        _session.Run("RELEASE work");
    }

    private void RollBack()
    {
        try
        {
            if (_session.InTransaction)
                _session.Run("ROLLBACK");
        }
        catch (Exception error) when (error is SqliteException or ObjectDisposedException)
        {
            // The failure that led here is the one to tell; what cannot be rolled back now is rolled back by the next opening.
        }
    }

    private Exception Explain(Exception error)
    {
        if (error is not SqliteException sqlite || !StorageException.Concerns(sqlite))
            return error;
        var told = StorageException.Of(_file, sqlite);
        _damaged |= told.Fault == StorageFault.Corrupt;
        return told;
    }

    private abstract class Work
    {
        public abstract void Run(SqliteSession session);

        public abstract void Fail(Exception error);

        public abstract void Complete();
    }

    private sealed class Work<T>(Func<SqliteSession, T> statements, CancellationToken cancellation) : Work
    {
        // Callers go on elsewhere: the writer's thread only writes.
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _error;

        public Task<T> Task => _completion.Task;

        public override void Run(SqliteSession session)
        {
            _error = null;
            cancellation.ThrowIfCancellationRequested();
            _result = statements(session);
        }

        public override void Fail(Exception error) => _error = error;

        public override void Complete()
        {
            switch (_error)
            {
                case null:
                    _completion.SetResult(_result!);
                    break;
                case OperationCanceledException when cancellation.IsCancellationRequested:
                    _completion.SetCanceled(cancellation);
                    break;
                default:
                    _completion.SetException(_error);
                    break;
            }
        }
    }
}
