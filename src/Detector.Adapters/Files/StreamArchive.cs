using System.Runtime.CompilerServices;

namespace Detector.Adapters.Files;

/// <summary>One stream, such as standard input, as an archive.</summary>
/// <param name="name">What alerts and losses call it.</param>
/// <param name="open">Opens the stream; called once.</param>
public sealed class StreamArchive(string name, Func<Stream> open) : ITrailArchive
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield return new StreamItem(name, open);
    }

    private sealed class StreamItem(string name, Func<Stream> open) : TrailItem(name, null)
    {
        private bool _isOpened;

        public override bool OpensOnce => true;

        public override Stream Open(CancellationToken cancellation)
        {
            if (_isOpened)
                throw new IOException("it can be read only once");
            _isOpened = true;
            return new StoppableStream(open, cancellation);
        }
    }
}
