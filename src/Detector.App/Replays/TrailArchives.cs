using Amazon.Runtime;
using Amazon.S3;
using Detector.Adapters.Aws;
using Detector.Adapters.Aws.History;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Files;
using Detector.Adapters.Integrity;
using Detector.App.Options;
using Detector.Core.Events;
using Detector.Core.Integrity;

namespace Detector.App.Replays;

/// <summary>The places of a replay, opened as one archive; with the clients that they need.</summary>
internal sealed class TrailArchives : IDisposable
{
    private readonly List<IDisposable> _clients = [];
    private readonly TrailPlaces _places;
    private readonly TrailScope _scope;
    private readonly Terminal _terminal;
    private readonly List<ITrailArchive> _archives = [];
    private readonly List<(S3Place Place, S3Archive Archive)> _objects = [];
    private readonly List<IDigestArchive> _digests = [];
    private readonly List<string> _local = [];
    private readonly List<string> _notes = [];

    private TrailArchives(TrailPlaces places, TimeRange within, Terminal terminal)
    {
        (_places, _terminal) = (places, terminal);
        _scope = new TrailScope(within, places.Accounts, places.Regions);
    }

    /// <summary>All of them: files and folders first, then the others as they were given.</summary>
    public ITrailArchive Archive => new JoinedArchive(_archives);

    /// <summary>The digest files that belong to it.</summary>
    public IReadOnlyList<IDigestArchive> Digests => _digests;

    /// <summary>What the user should know before it begins.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Opens them. Nothing is listed or fetched yet.</summary>
    /// <exception cref="StartException">The cache cannot be opened, or there is no region to look into.</exception>
    public static TrailArchives Open(TrailPlaces places, TimeRange within, Terminal terminal)
    {
        var archives = new TrailArchives(places, within, terminal);
        archives.Open();
        return archives;
    }

    /// <summary>Whether a log file that a digest names would have been read, if it were there.</summary>
    public bool MayHold(ObjectPlace log)
    {
        if (!_scope.MayHold(TrailPath.Of(log.Key)))
            return false;
        if (log.Bucket is null)
            return _local.Exists(path => DigestPath.MayLieUnder(path, log.Key));
        var places = _objects.Where(one => string.Equals(one.Place.Bucket, log.Bucket, StringComparison.Ordinal)).ToList();
        // In a bucket that was not read it may be, which is told in another way.
        return places.Count == 0 || places.Exists(one => log.Key.StartsWith(one.Place.Prefix, StringComparison.Ordinal));
    }

    /// <summary>A client of CloudTrail's public keys; the caller's to dispose.</summary>
    public ITrailKeys TrailKeys(string region) => AwsClients.TrailKeys(new AwsPlace(region, _places.ServiceUrl));

    /// <summary>Names the objects of S3 to a queue, in place of reading them. Returns the exit code.</summary>
    public int Enqueue(string queueUrl, Terminal terminal)
    {
        using var sqs = AwsClients.Sqs(new AwsPlace(AwsNames.RegionOfQueue(new Uri(queueUrl)) ?? Region() ?? "us-east-1", _places.ServiceUrl));
        var enqueue = new S3Enqueue(sqs, queueUrl);
        var (sent, lost) = (0L, 0);
        foreach (var (place, archive) in _objects)
            sent += enqueue.SendAsync(archive, place.Bucket, Tell, terminal.Stopping).GetAwaiter().GetResult();
        terminal.Out.WriteLine($"{sent} objects named to {queueUrl}");
        return lost == 0 ? ExitCode.Done : ExitCode.Partly;

        void Tell(UnreadFile unread)
        {
            lost++;
            terminal.Error.WriteLine(OneLine.Of($"{unread.Path}: {unread.Reason}"));
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
    }

    private void Open()
    {
        // Neighbouring files and folders are one archive, so that a file named twice is read once.
        IAmazonS3? s3 = null;
        var cache = _places.Cache is { } folder ? OpenCache(folder) : null;
        foreach (var path in _places.Paths)
        {
            if (S3Place.TryParse(path, out var place))
            {
                s3 ??= Own(AwsClients.S3(Place()));
                var archive = new S3Archive(s3, place, _scope, new S3ArchiveOptions(), cache, _terminal.Time, Random.Shared);
                _archives.Add(archive);
                _objects.Add((place, archive));
                _digests.Add(new S3Digests(s3, place, _scope));
            }
            else if (path is "-")
            {
                _archives.Add(new StreamArchive("stdin", _terminal.OpenIn));
            }
            else
            {
                _local.Add(path);
            }
        }
        if (_local.Count > 0)
        {
            _archives.Insert(0, new TrailFiles(_local, _scope));
            var beside = _local.Select(path => DigestPath.Beside(DigestFiles.KeyOf(Path.GetFullPath(path)) + "/")).Where(Directory.Exists);
            _digests.Add(new DigestFiles([.. _local, .. beside.Except(_local.Select(path => Path.GetFullPath(path) + "/"), StringComparer.Ordinal)], _scope));
        }
        if (_places.LookupEvents)
            OpenHistory();
    }

    private void OpenHistory()
    {
        var regions = _places.Regions is [_, ..] given ? given.Distinct(StringComparer.Ordinal).ToList() : [];
        if (regions.Count == 0)
            regions.Add(Region() ?? throw new StartException("--lookup-events: no region is configured: give --region, or set AWS_REGION"));
        if (_scope.Within.From < _terminal.Time.GetUtcNow() - HistoryArchive.Kept)
            _notes.Add($"--lookup-events: CloudTrail's event history holds {HistoryArchive.Kept.Days} days: nothing older is looked up");
        var histories = regions.Select(region => (region, Own(AwsClients.TrailHistory(new AwsPlace(region, _places.ServiceUrl))))).ToList();
        _archives.Add(new HistoryArchive(histories, _scope.Within, _terminal.Time, Random.Shared));
    }

    private ObjectCache OpenCache(string folder)
    {
        try
        {
            return ObjectCache.Open(folder, _terminal.Time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"--cache: {folder} cannot be used: {e.Message}");
        }
    }

    /// <summary>S3 finds a bucket's own region by itself, but must be asked somewhere, and an emulator must be told some region.</summary>
    private AwsPlace Place() => new(Region() ?? "us-east-1", _places.ServiceUrl);

    /// <summary>The region that AWS programs are set to here; an emulator's need not look for it on the network.</summary>
    private string? Region() =>
        _terminal.Environment.TryGetValue("AWS_REGION", out var region) ? region
        : _places.ServiceUrl is null ? FallbackRegionFactory.GetRegionEndpoint()?.SystemName
        : null;

    private T Own<T>(T client)
        where T : IDisposable
    {
        _clients.Add(client);
        return client;
    }
}
