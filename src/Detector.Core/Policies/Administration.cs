namespace Detector.Core.Policies;

/// <summary>How far a policy makes its holder an administrator.</summary>
public enum Administration
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Three quarters of all services or more, without all of IAM: an Allow with NotAction, or of everything less a partial Deny.</summary>
    NearlyEverything,

    /// <summary>IAM, by which the holder can grant itself the rest.</summary>
    Iam,

    /// <summary>Everything.</summary>
    Everything,
}

/// <summary>Judges grants.</summary>
internal static class Administrations
{
    // What lies below is no administration: a policy of Create*, Put* and Attach* in IAM holds two fifths.
    private const double Most = 0.75;

    private static readonly Probe[] OfIam = [.. Probes.All.Where(probe => probe is { Service: "iam", PassedTo: null })];

    private static readonly Probe[][] Services = [.. Probes.ByService.Values.Select(probes => probes.Where(probe => probe.PassedTo is null).ToArray())];

    public static Administration Of(Grants grants)
    {
        if (grants.IsNothing)
        {
            return Administration.None;
        }
        var services = Services.Average(probes => Share(grants, probes));
        if (services == 1)
        {
            return Administration.Everything;
        }
        if (Share(grants, OfIam) >= Most && EscalationPaths.Of(grants).Any(path => path.IsDirect))
        {
            return Administration.Iam;
        }
        return services >= Most ? Administration.NearlyEverything : Administration.None;
    }

    private static double Share(Grants grants, Probe[] probes) => (double)Held(grants, probes) / probes.Length;

    private static int Held(Grants grants, Probe[] probes)
    {
        var held = 0;
        foreach (var probe in probes)
        {
            held += grants.Holds(probe) ? 1 : 0;
        }
        return held;
    }
}
