using Detector.Core;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Detector.Adapters.Telemetry;

/// <summary>Sends metrics and traces to an OpenTelemetry collector (OTLP). A collector that is away costs nothing but its data.</summary>
public sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;

    /// <param name="endpoint">The collector's address, without the path of a signal: <c>http://collector:4318</c>.</param>
    /// <param name="protocol">How it is spoken to.</param>
    /// <param name="version">The program's.</param>
    public OtlpExport(Uri endpoint, OtlpExportProtocol protocol, string version)
    {
        var service = ResourceBuilder.CreateEmpty().AddService("detector", serviceVersion: version);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(service)
            .AddMeter(PipelineMetrics.MeterName, PipelineMetrics.RuntimeMeterName)
            .AddOtlpExporter(otlp => Set(otlp, endpoint, protocol, "v1/metrics"))
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(service)
            .AddSource(Tracing.SourceName)
            .AddOtlpExporter(otlp => Set(otlp, endpoint, protocol, "v1/traces"))
            .Build();
    }

    /// <summary>Sends what is still in hand, for five seconds at most.</summary>
    public void Dispose()
    {
        _metrics.Shutdown(5_000);
        _traces.Shutdown(5_000);
        _metrics.Dispose();
        _traces.Dispose();
    }

    private static void Set(OtlpExporterOptions otlp, Uri endpoint, OtlpExportProtocol protocol, string path)
    {
        otlp.Protocol = protocol;
        // Given in code, an endpoint of HTTP is taken as it is.
        otlp.Endpoint = protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
    }
}
