using System.Collections.Concurrent;
using Detector.Core;

namespace Detector.Integration.Tests.Aws;

/// <summary>Keeps what the operator would have been told.</summary>
internal sealed class Notices : IProgress<Notice>
{
    private readonly ConcurrentQueue<Notice> _heard = new();

    public IReadOnlyList<Notice> Heard => [.. _heard];

    public void Report(Notice value) => _heard.Enqueue(value);
}
