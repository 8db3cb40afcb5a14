using System.Diagnostics.Metrics;
using System.Text;
using Detector.Adapters.Telemetry;
using Detector.Core.Rules;

namespace Detector.Tests.Adapters.Telemetry;

public sealed class MetricsDocumentTests
{
    [Fact]
    public void Document_TableOfMetrics_IsMadeFromTheInstruments()
    {
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var metrics = new PipelineMetrics("1.2.3", TimeProvider.System, () => default, () => [], new RuleCosts(TimeProvider.System));
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (metrics.Owns(instrument))
                rows[Exported(instrument)] = $"| `{Exported(instrument)}` | {Unit(instrument)} | {instrument.Description} |\n";
        };
        listener.Start();

        Assert.NotEmpty(rows);
        WrittenDocument.Holds("observing.md", "metrics", string.Concat(rows.Values.Prepend("| metric | unit | what |\n|---|---|---|\n")));
    }

    /// <summary>As Prometheus gets it: the integration tests hold that the names are there.</summary>
    private static string Exported(Instrument instrument)
    {
        var name = new StringBuilder(instrument.Name.Replace('.', '_'));
        if (instrument.Unit is "s")
            name.Append("_seconds");
        if (instrument is Counter<long> or ObservableCounter<double>)
            name.Append("_total");
        return name.ToString();
    }

    private static string Unit(Instrument instrument) =>
        instrument.Unit?.Trim('{', '}') switch
        {
            null => "",
            "s" => "seconds",
            "batch" => "batches",
            "delivery" => "deliveries",
            var unit => unit + "s",
        };
}
