using System.Globalization;
using System.IO.Compression;
using System.Text;
using Detector.App.Reports;
using Detector.Core.Delivery;
using Detector.Tests.Adapters.Slack;

namespace Detector.Tests.App.Reports;

public sealed class RecordPacksTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("packs-");

    [Fact]
    public void NumberOf_AlertsOfSeveralPacks_LeadsToTheirRecords()
    {
        using var packs = new RecordPacks(_folder.FullName);
        var alerts = Enumerable
            .Range(0, 250)
            .Select(number => Alert(number, [.. Enumerable.Range(0, number % 4).Select(record => Record(number, record))]))
            .ToList();
        alerts.ForEach(packs.Add);

        var unpacked = packs.All().Select(Unpacked).ToList();

        Assert.Equal([100, 100, 50], unpacked.Select(pack => pack.Length));
        Assert.All(
            alerts.AsEnumerable().Reverse(),
            alert => Assert.Equal(Joined(alert.Evidence!), unpacked[packs.NumberOf(alert) / 100][packs.NumberOf(alert) % 100])
        );
    }

    [Fact]
    public void Add_RecordsOfMoreThanAPersonReads_KeepsTheFirst()
    {
        using var packs = new RecordPacks(_folder.FullName);
        packs.Add(Alert(1, ["{}", $"\"{new string('a', 40_000)}\"", $"\"{new string('b', 40_000)}\"", "{}"]));

        Assert.Equal(["{}", $"\"{new string('a', 40_000)}\""], Unpacked(packs.All().Single())[0].Split('\u001f'));
    }

    [Fact]
    public void All_OfMoreThanFitsIntoMemory_IsWhatWasAdded()
    {
        using var packs = new RecordPacks(_folder.FullName);
        var random = new Random(1);
        var alerts = Enumerable.Range(0, 250).Select(number => Alert(number, [$"\"{Convert.ToHexString(Bytes(random, 20_000))}\""])).ToList();
        alerts.ForEach(packs.Add);

        var all = packs.All().ToList();

        Assert.True(all.Sum(pack => pack.Length) > 4_000_000);
        Assert.Equal(alerts.Select(alert => Joined(alert.Evidence!)), all.SelectMany(Unpacked));
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void All_OfNoAlerts_IsNothing()
    {
        using var packs = new RecordPacks(_folder.FullName);

        Assert.Empty(packs.All());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static Alert Alert(int number, string[] records) =>
        SlackAlerts.AdminGrant with
        {
            Id = AlertId.Of(number.ToString(CultureInfo.InvariantCulture)),
            Evidence = [.. records.Select(record => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(record))],
        };

    private static string Record(int alert, int number) => $$"""{"alert":{{alert}},"number":{{number}},"name":"ä"}""";

    private static string Joined(IEnumerable<ReadOnlyMemory<byte>> records) =>
        string.Join('\u001f', records.Select(record => Encoding.UTF8.GetString(record.Span)));

    private static string[] Unpacked(byte[] pack)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(pack), CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd().Split('\u001e');
    }
}
