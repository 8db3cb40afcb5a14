using System.IO.Compression;
using Detector.Adapters.Spills;
using Detector.Core.Delivery;

namespace Detector.App.Reports;

/// <summary>
/// The records behind the alerts of a report. They are packed as the alerts are found, some alerts' together, and put aside, so that they take little memory, and no
/// time when the page is written.
/// </summary>
/// <param name="folder">Where the file lies that what does not fit into memory goes to.</param>
internal sealed class RecordPacks(string folder) : IDisposable
{
    private const int MostInMemory = 1024 * 1024;

    // A record may be a quarter of a megabyte; a person reads the beginning, and the file and index name the rest.
    private const int MostBytes = 64 * 1024;

    /// <summary>Alerts whose records are packed together; the script knows it too.</summary>
    private const int Together = 100;
    private const byte BetweenAlerts = 0x1e;
    private const byte BetweenRecords = 0x1f;

    private readonly Dictionary<AlertId, int> _numbers = [];
    private readonly SpillLog _packs = new(folder, MostInMemory);
    private readonly List<(long Place, int Length)> _places = [];
    private readonly MemoryStream _packed = new();
    private GZipStream? _open;
    private int _count;

    /// <summary>Puts an alert's records beside those of its neighbours, as they are: each was found to be JSON, in which no such separator stands.</summary>
    /// <exception cref="Adapters.Sqlite.StorageException">They cannot be put aside.</exception>
    public void Add(Alert alert)
    {
        if (_count % Together == 0)
            Close();
        _numbers[alert.Id] = _count++;
        if (_open is null)
            _open = new GZipStream(_packed, CompressionLevel.Optimal, leaveOpen: true);
        else
            _open.WriteByte(BetweenAlerts);
        var budget = MostBytes;
        foreach (var (number, record) in (alert.Evidence ?? []).TakeWhile(record => (budget -= record.Length) >= 0).Index())
        {
            if (number > 0)
                _open.WriteByte(BetweenRecords);
            _open.Write(record.Span);
        }
    }

    /// <summary>Where an alert that was added comes among all.</summary>
    public int NumberOf(Alert alert) => _numbers[alert.Id];

    /// <summary>The packs, when no more alerts come.</summary>
    /// <exception cref="Adapters.Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<byte[]> All()
    {
        Close();
        return _places.Select(pack =>
        {
            var bytes = GC.AllocateUninitializedArray<byte>(pack.Length);
            _packs.Read(bytes, pack.Place);
            return bytes;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _open?.Dispose();
        _packed.Dispose();
        _packs.Dispose();
    }

    private void Close()
    {
        if (_open is null)
            return;
        _open.Dispose();
        _open = null;
        var pack = _packed.GetBuffer().AsSpan(0, (int)_packed.Length);
        _places.Add((_packs.Add(pack), pack.Length));
        _packed.SetLength(0);
    }
}
