using System.Net;
using Detector.Core.Delivery;
using MaxMind.Db;

namespace Detector.Adapters.Enrichers;

/// <summary>Tells where a source address is and whose network it belongs to, by the user's own database files in MaxMind's format.</summary>
public sealed class Geography : IEnricher, IDisposable
{
    private readonly Reader? _cities;
    private readonly Reader? _networks;

    /// <param name="cities">A GeoLite2-City, GeoIP2-City or -Country file, or null.</param>
    /// <param name="networks">A GeoLite2-ASN or GeoIP2-ISP file, or null.</param>
    /// <exception cref="IOException">A file is not there, cannot be read, or is no such database; the message names it.</exception>
    public Geography(string? cities, string? networks)
    {
        _cities = Open(cities);
        try
        {
            _networks = Open(networks);
        }
        catch
        {
            _cities?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Finds => "the address's place";

    /// <inheritdoc/>
    public ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation)
    {
        // The name of a service stands there as well.
        if (!IPAddress.TryParse(alert.Facts.SourceAddress, out var address))
            return ValueTask.FromResult(context);
        var city = _cities?.Find<CityRecord>(address);
        var network = _networks?.Find<NetworkRecord>(address);
        return ValueTask.FromResult(
            context with
            {
                Place = Joined(", ", city?.City?.English, (city?.Country ?? city?.RegisteredCountry)?.English),
                Country = (city?.Country ?? city?.RegisteredCountry)?.Code,
                Network = Joined(" ", network?.Number is { } number ? $"AS{number}" : null, network?.Organization),
            }
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cities?.Dispose();
        _networks?.Dispose();
    }

    private static string? Joined(string between, params IEnumerable<string?> parts) =>
        string.Join(between, parts.Where(part => !string.IsNullOrEmpty(part))) is { Length: > 0 } joined ? joined : null;

    /// <summary>Wholly in memory: a file that is replaced while it is in use does no harm.</summary>
    private static Reader? Open(string? file)
    {
        if (file is null)
            return null;
        try
        {
            return new Reader(file, FileAccessMode.Memory);
        }
        catch (Exception e) when (e is InvalidDatabaseException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"{file} cannot be read as a MaxMind database: {e.Message}", e);
        }
    }
}

/// <summary>What is read of a city or country database. Source: MaxMind's reference of the GeoIP2 City database.</summary>
internal sealed record CityRecord
{
    [MapKey("city")]
    public NamedRecord? City { get; init; }

    [MapKey("country")]
    public NamedRecord? Country { get; init; }

    /// <summary>Where the network is registered, for those that are in no one country.</summary>
    [MapKey("registered_country")]
    public NamedRecord? RegisteredCountry { get; init; }
}

/// <summary>A place with its names by language.</summary>
internal sealed record NamedRecord
{
    [MapKey("iso_code")]
    public string? Code { get; init; }

    [MapKey("names")]
    public IReadOnlyDictionary<string, string>? Names { get; init; }

    public string? English => Names?.GetValueOrDefault("en");
}

/// <summary>What is read of a network database.</summary>
internal sealed record NetworkRecord
{
    [MapKey("autonomous_system_number")]
    public long? Number { get; init; }

    [MapKey("autonomous_system_organization")]
    public string? Organization { get; init; }
}
