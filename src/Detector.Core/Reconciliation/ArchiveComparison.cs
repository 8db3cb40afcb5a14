using System.Globalization;
using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Detection.Surveys;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Reconciliation;

/// <summary>
/// Holds the records of an archive against what the live path saw. A record that is there twice counts once. Safe from many threads, each of which has a part of its
/// own until the end.
/// </summary>
/// <param name="seen">What was seen.</param>
/// <param name="settled">Events from after this may still be on their way.</param>
/// <param name="wanted">What rules may meet: see <see cref="Rules.Wanting.WantedRecords"/>.</param>
public sealed class ArchiveComparison(SeenSet seen, DateTimeOffset settled, IReadOnlyList<Condition> wanted) : IRecordWitness, IDisposable
{
    /// <summary>Events of a sort that are named; the rest is only counted.</summary>
    public const int MaxNamed = 10_000;

    // EventBridge and SQS take 256 KB, the envelope with it.
    private const int Largest = 255 * 1024;

    private readonly ThreadLocal<Part> _parts = new(() => new Part(seen, settled, wanted), trackAllValues: true);
    private readonly HashSet<ulong> _missed = [];
    private readonly HashSet<ulong> _names = [];
    private readonly Dictionary<MissedKind, List<MissedEvent>> _named = [];
    private readonly long[] _came = new long[Enum.GetValues<MissedKind>().Length];
    private readonly long[] _counts = new long[Enum.GetValues<MissedKind>().Length];
    private readonly Dictionary<(string Account, string Region), (long Came, long Missed)> _places = [];

    /// <inheritdoc/>
    public void See(string origin, in CloudTrailEvent record, ReadOnlySpan<int> fields)
    {
        if (_parts.Value!.Look(origin, record) is { } missed)
            Add(missed.Seen, missed.Event);
    }

    /// <summary>Adds up what threads have counted; to be called once, when all is read.</summary>
    public void Conclude()
    {
        foreach (var part in _parts.Values)
        {
            for (var kind = 0; kind < _came.Length; kind++)
                _came[kind] += part.Came[kind];
            foreach (var (place, came) in part.Places)
                _places[place] = (came + _places.GetValueOrDefault(place).Came, _places.GetValueOrDefault(place).Missed);
        }
    }

    /// <summary>Every sort of which there are events.</summary>
    public IEnumerable<KindCount> Kinds =>
        Enum.GetValues<MissedKind>().Select(kind => new KindCount(kind, _came[(int)kind], _counts[(int)kind])).Where(count => count.Came + count.Missed > 0);

    /// <summary>Accounts and regions of which no event that changes something came, though there are some.</summary>
    public IEnumerable<SilentPlace> SilentPlaces =>
        _places
            .Where(place => place.Value is { Came: 0, Missed: > 0 })
            .Select(place => new SilentPlace(place.Key.Account, place.Key.Region, place.Value.Missed))
            .OrderBy(place => place.Account, StringComparer.Ordinal)
            .ThenBy(place => place.Region, StringComparer.Ordinal);

    /// <summary>The events of a sort that never came, the oldest first, <see cref="MaxNamed"/> at most.</summary>
    public IEnumerable<MissedEvent> Missed(MissedKind kind) =>
        (_named.GetValueOrDefault(kind) ?? []).OrderBy(missed => missed.EventTime).ThenBy(missed => missed.EventId, StringComparer.Ordinal);

    /// <summary>Whether one of an alert's events never came, though it is neither from before the ledger began nor still on its way.</summary>
    public bool Concerns(Alert alert) => alert.Events.Any(one => _names.Contains(NameOf(one.EventId, one.EventTime, one.EventName)));

    /// <inheritdoc/>
    public void Dispose() => _parts.Dispose();

    private void Add(SeenEvent identity, MissedEvent missed)
    {
        lock (_missed)
        {
            if (!_missed.Add(identity.Identity))
                return;
            _counts[(int)missed.Kind]++;
            if (missed.Kind is not (MissedKind.Before or MissedKind.Recent))
                _names.Add(NameOf(missed.EventId, missed.EventTime, missed.EventName));
            if (!_named.TryGetValue(missed.Kind, out var named))
                _named.Add(missed.Kind, named = []);
            if (named.Count < MaxNamed)
                named.Add(missed);
            if (missed.Kind is not MissedKind.Write)
                return;
            var place = (missed.Account ?? "", missed.Region ?? "");
            _places[place] = (_places.GetValueOrDefault(place).Came, _places.GetValueOrDefault(place).Missed + 1);
        }
    }

    /// <summary>What an alert tells of an event.</summary>
    private static ulong NameOf(string? id, DateTimeOffset? time, string? name) =>
        ulong.Parse(
            AlertId.Of(id ?? "", (time?.UtcTicks ?? 0).ToString(CultureInfo.InvariantCulture), name ?? "").Value.AsSpan(..16),
            NumberStyles.HexNumber,
            CultureInfo.InvariantCulture
        );

    /// <summary>What one thread needs and counts.</summary>
    private sealed class Part(SeenSet seen, DateTimeOffset settled, IReadOnlyList<Condition> wanted)
    {
        private const int Recipient = 0;
        private const int Caller = 1;
        private const int Region = 2;
        private const int Arn = 3;
        private const int ReadOnly = 4;
        private const int Category = 5;
        private const int Management = 6;

        private readonly FieldReader _fields = new([
            "recipientAccountId",
            "userIdentity.accountId",
            "awsRegion",
            "userIdentity.arn",
            "readOnly",
            "eventCategory",
            "managementEvent",
        ]);

        private readonly Sieve _wanted = new(wanted);

        public long[] Came { get; } = new long[Enum.GetValues<MissedKind>().Length];

        public Dictionary<(string Account, string Region), long> Places { get; } = [];

        public (SeenEvent Seen, MissedEvent Event)? Look(string origin, in CloudTrailEvent record)
        {
            var identity = SeenEvent.Of(record);
            var view = _fields.Read(record.Json);
            var kind = KindOf(view, record);
            var account = Text(view, view.First(Recipient) >= 0 ? Recipient : Caller);
            var region = Text(view, Region);
            if (seen.Holds(identity))
            {
                Came[(int)kind]++;
                if (kind is MissedKind.Write)
                    Places[(account ?? "", region ?? "")] = Places.GetValueOrDefault((account ?? "", region ?? "")) + 1;
                return null;
            }
            kind =
                !seen.Covers(identity, record.EventTime) ? MissedKind.Before
                : record.EventTime > settled ? MissedKind.Recent
                : kind;
            return (
                identity,
                new MissedEvent(
                    kind,
                    record.EventTime,
                    Text(record.EventSource),
                    Text(record.EventName),
                    Text(record.EventId),
                    account,
                    region,
                    Text(view, Arn),
                    origin,
                    record.Index
                )
            );
        }

        private MissedKind KindOf(RecordView view, in CloudTrailEvent record) =>
            RecordKinds.Of(view, Category, Management, ReadOnly, record) switch
            {
                RecordKind.Data => MissedKind.Data,
                RecordKind.Other => MissedKind.Other,
                _ when record.Json.Length > Largest => MissedKind.TooLarge,
                RecordKind.Read => _wanted.Add(record.Json) ? MissedKind.Read : MissedKind.OtherRead,
                _ => _wanted.Add(record.Json) ? MissedKind.Write : MissedKind.OtherWrite,
            };

        private static string? Text(RecordView view, int field) => view.TryFirstText(field, out var text) ? Encoding.UTF8.GetString(text) : null;

        private static string? Text(ReadOnlySpan<byte> escaped) => escaped.IsEmpty ? null : Encoding.UTF8.GetString(Events.Json.JsonText.Unescape(escaped));
    }
}
