using System.Runtime.InteropServices;
using System.Text;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection.Surveys;

/// <summary>
/// What an archive holds, whether or not a rule wants it: how many records of which sort, from where, and of which days. It tells what the silence of rules is
/// worth. For one thread; the surveys of several are added up.
/// </summary>
/// <remarks>Names are the trail's to choose, so of too many only the records are counted: memory is bounded by <see cref="MaxNames"/>.</remarks>
public sealed class Survey : IRecordWitness
{
    /// <summary>Names of each sort that are kept: regions, days, and services by account.</summary>
    public const int MaxNames = 40_000;

    // The longest names of AWS's are far shorter. Longer ones are none.
    private const int MaxName = 64;

    private const int Recipient = 0;
    private const int Caller = 1;
    private const int Region = 2;
    private const int ReadOnly = 3;
    private const int Category = 4;
    private const int Management = 5;

    private static readonly string[] Counted = ["recipientAccountId", "userIdentity.accountId", "awsRegion", "readOnly", "eventCategory", "managementEvent"];
    private static readonly string[] CountedWithActivity = [.. Counted, .. TrailActivity.Fields];
    private readonly Dictionary<string, Dictionary<string, Tally>> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tally> _regions = new(StringComparer.Ordinal);
    private readonly Alike<Place> _places = new();
    private readonly Dictionary<string, HashSet<string>> _regionsOf = new(StringComparer.Ordinal);
    private readonly HashSet<int> _days = [];
    private readonly Sieve? _sieve;
    private RecordCounts _total;
    private int _day = -1; // of the last record, which most others share
    private int _names;
    private int _pairs;

    /// <param name="counted">Conditions of which it counts the records that meet them; null for none.</param>
    /// <param name="activity">Whether it also tells who did what.</param>
    public Survey(IReadOnlyList<Condition>? counted = null, bool activity = false)
    {
        _sieve = counted is null ? null : new Sieve(counted);
        Activity = activity ? new TrailActivity() : null;
    }

    /// <summary>Records that met each of the counted conditions.</summary>
    public IReadOnlyList<long> Met => _sieve?.Met ?? [];

    /// <summary>Records that met any of them.</summary>
    public long MetAny => _sieve?.MetAny ?? 0;

    /// <summary>Who did what; null if that is not asked for.</summary>
    public TrailActivity? Activity { get; }

    /// <summary>One that counts the same and has counted nothing.</summary>
    public Survey Fresh() => new(_sieve?.Conditions, Activity is not null);

    /// <summary>Every record.</summary>
    public RecordCounts Total => _total;

    /// <summary>The oldest eventTime; null if no record has one.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>The newest.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Days, in UTC, of which there is a record.</summary>
    public int Days => _days.Count;

    /// <summary>Records by their <c>awsRegion</c>; empty text for those that name none.</summary>
    public IReadOnlyDictionary<string, long> Regions => _regions.ToDictionary(region => region.Key, region => region.Value.Counts.All, StringComparer.Ordinal);

    /// <summary>The accounts in which things happened (<c>recipientAccountId</c>, else the caller's); empty text for records that name none.</summary>
    public IEnumerable<string> Accounts => _accounts.Keys;

    /// <summary>Records of an account by their <c>eventSource</c>.</summary>
    public IReadOnlyDictionary<string, RecordCounts> Sources(string account) =>
        _accounts[account].ToDictionary(source => source.Key, source => source.Value.Counts, StringComparer.Ordinal);

    /// <summary>Regions that events of a service come from.</summary>
    public int RegionsOf(string source) => _regionsOf.TryGetValue(source, out var regions) ? regions.Count : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> Fields => Activity is null ? Counted : CountedWithActivity;

    /// <summary>Counts a record.</summary>
    public void See(string origin, in CloudTrailEvent record, ReadOnlySpan<int> fields)
    {
        var view = new RecordView(record.Json, record.FieldText, record.Fields, null);
        var one = KindOf(view, fields, record);
        _total += one;
        var eventTime = record.EventTime;
        if (eventTime is { } time)
        {
            Cover(time, time);
            if (DayOf(time) is var day && day != _day && _days.Count < MaxNames)
                _days.Add(_day = day);
        }
        var account = Text(view, view.First(fields[Recipient]) >= 0 ? fields[Recipient] : fields[Caller]);
        var region = Text(view, fields[Region]);
        ref var place = ref _places.By(account, record.EventSource, region, default, default, out var isKnown);
        if (!isKnown)
            place = PlaceOf(account, record.EventSource, region);
        place.Region?.Add(one);
        place.Source?.Add(one);
        _sieve?.Add(record.Json);
        Activity?.Add(view, eventTime, fields[Counted.Length..]);
    }

    /// <summary>Adds what another survey has counted.</summary>
    public void Add(Survey other)
    {
        _total += other._total;
        if (other._sieve is { } sieve)
            _sieve?.Add(sieve);
        if (other is { First: { } first, Last: { } last })
            Cover(first, last);
        if (other.Activity is { } activity)
            Activity?.Add(activity);
        foreach (var day in other._days.Take(MaxNames - _days.Count))
            _days.Add(day);
        foreach (var (region, records) in other._regions)
            RegionOf(Encoding.UTF8.GetBytes(region))?.Add(records.Counts);
        foreach (var (account, sources) in other._accounts)
        {
            foreach (var (source, counts) in sources)
                SourceOf(Encoding.UTF8.GetBytes(account), Encoding.UTF8.GetBytes(source))?.Add(counts.Counts);
        }
        foreach (var (source, regions) in other._regionsOf)
        {
            foreach (var region in regions)
                Add(Encoding.UTF8.GetBytes(source), Encoding.UTF8.GetBytes(region));
        }
    }

    private static int DayOf(DateTimeOffset time) => (int)(time.UtcTicks / TimeSpan.TicksPerDay);

    private static RecordCounts KindOf(RecordView view, ReadOnlySpan<int> fields, in CloudTrailEvent record) =>
        RecordKinds.Of(view, fields[Category], fields[Management], fields[ReadOnly], record) switch
        {
            RecordKind.Data => new RecordCounts(Data: 1),
            RecordKind.Read => new RecordCounts(Reads: 1),
            RecordKind.Write => new RecordCounts(Writes: 1),
            _ => new RecordCounts(Others: 1),
        };

    private static ReadOnlySpan<byte> Text(RecordView view, int field) => view.TryFirstText(field, out var text) ? text : default;

    private void Cover(DateTimeOffset first, DateTimeOffset last)
    {
        First = First < first ? First : first;
        Last = Last > last ? Last : last;
    }

    private Place PlaceOf(ReadOnlySpan<byte> account, ReadOnlySpan<byte> source, ReadOnlySpan<byte> region)
    {
        Add(source, region);
        return new Place(RegionOf(region), SourceOf(account, source));
    }

    private Tally? RegionOf(ReadOnlySpan<byte> region)
    {
        Span<char> name = stackalloc char[MaxName];
        var regions = _regions.GetAlternateLookup<ReadOnlySpan<char>>();
        var text = Name(region, name);
        return _regions.Count < MaxNames || regions.ContainsKey(text) ? CollectionsMarshal.GetValueRefOrAddDefault(regions, text, out _) ??= new Tally() : null;
    }

    private Tally? SourceOf(ReadOnlySpan<byte> account, ReadOnlySpan<byte> source)
    {
        Span<char> name = stackalloc char[MaxName];
        var accounts = _accounts.GetAlternateLookup<ReadOnlySpan<char>>();
        var text = Name(account, name);
        if (!accounts.TryGetValue(text, out var sources))
        {
            if (_names >= MaxNames)
                return null;
            accounts[text] = sources = new(StringComparer.Ordinal);
        }
        var lookup = sources.GetAlternateLookup<ReadOnlySpan<char>>();
        text = Name(source, name);
        if (_names >= MaxNames && !lookup.ContainsKey(text))
            return null;
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(lookup, text, out var exists);
        _names += exists ? 0 : 1;
        return known ??= new Tally();
    }

    private void Add(ReadOnlySpan<byte> source, ReadOnlySpan<byte> region)
    {
        Span<char> name = stackalloc char[MaxName];
        var sources = _regionsOf.GetAlternateLookup<ReadOnlySpan<char>>();
        var text = Name(source, name);
        if (!sources.TryGetValue(text, out var regions))
        {
            if (_pairs >= MaxNames)
                return;
            sources[text] = regions = new(StringComparer.Ordinal);
        }
        if (_pairs < MaxNames && regions.GetAlternateLookup<ReadOnlySpan<char>>().Add(Name(region, name)))
            _pairs++;
    }

    private static ReadOnlySpan<char> Name(ReadOnlySpan<byte> utf8, Span<char> into) =>
        Encoding.UTF8.TryGetChars(utf8, into, out var written) ? into[..written] : default;

    /// <summary>Where a record counts; null where there are too many names already.</summary>
    private readonly record struct Place(Tally? Region, Tally? Source);

    private sealed class Tally
    {
        public RecordCounts Counts { get; private set; }

        public void Add(RecordCounts counts) => Counts += counts;
    }
}

/// <summary>Records by what they are.</summary>
/// <param name="Writes">Management events that change something.</param>
/// <param name="Reads">Management events that only read.</param>
/// <param name="Data">Data events.</param>
/// <param name="Others">Everything else: Insights, network activity, and what names no service or no call.</param>
public readonly record struct RecordCounts(long Writes = 0, long Reads = 0, long Data = 0, long Others = 0)
{
    /// <summary>All of them.</summary>
    public long All => Writes + Reads + Data + Others;

    /// <summary>The sums.</summary>
    public static RecordCounts operator +(RecordCounts left, RecordCounts right) =>
        new(left.Writes + right.Writes, left.Reads + right.Reads, left.Data + right.Data, left.Others + right.Others);
}
