using System.Globalization;
using System.Text.Json;

namespace Detector.Core.Rules.Fields;

/// <summary>What a change of a security group opens, in either of the shapes in which requests say it.</summary>
/// <remarks>EC2 API Reference, AuthorizeSecurityGroupIngress and ModifySecurityGroupRules.</remarks>
internal static class IngressFields
{
    /// <summary>TCP ports that nobody should reach from everywhere: remote shells and desktops, file shares, databases, caches.</summary>
    private static readonly int[] Watched =
    [
        20,
        21,
        22,
        23,
        25,
        110,
        135,
        139,
        143,
        389,
        445,
        1433,
        1434,
        1521,
        2049,
        2375,
        2376,
        3306,
        3389,
        4333,
        5432,
        5500,
        5601,
        5900,
        5985,
        5986,
        6379,
        6443,
        7001,
        8020,
        9042,
        9200,
        9300,
        10250,
        11211,
        27017,
        27018,
        50070,
    ];

    /// <summary>Names of a network beside a range of ports, in either shape.</summary>
    private static readonly string[] Widths = ["cidrIp", "CidrIpv4", "cidrIpv4", "cidrIpv6", "CidrIpv6"];

    public static DerivedField[] All { get; } =
    [
        new(
            "detector.ingress.worldPorts",
            "numbers",
            $"Which of the TCP ports {string.Join(", ", Watched)} a request opens to all IPv4 or IPv6 addresses, or to half of them.",
            e =>
            {
                var grants = Grants(e);
                return Watched.Where(port => IsOpen(port, grants)).Select(port => port.ToString(CultureInfo.InvariantCulture));
            }
        ),
    ];

    private static List<(Ports Ports, Network Network)> Grants(EventContext e) =>
        e.Source != "ec2.amazonaws.com" || e.Name is not ("AuthorizeSecurityGroupIngress" or "ModifySecurityGroupRules")
            ? []
            :
            [
                .. from permission in Permissions(e)
                let ports = PortsOf(permission)
                where ports is not null
                from network in Networks(permission)
                select (ports.Value, network),
            ];

    /// <summary>Whether everybody gets at a port, be it by several permissions together.</summary>
    private static bool IsOpen(int port, List<(Ports Ports, Network Network)> grants) =>
        grants
            .Where(grant => grant.Ports.First <= port && port <= grant.Ports.Last)
            .GroupBy(grant => grant.Network.IsV6, grant => grant.Network)
            .Any(same => CoversAll([.. same]));

    /// <summary>Every map that holds a range of ports: the request itself, its permissions, its rules. Of changed rules only those that let in.</summary>
    private static IEnumerable<JsonElement> Permissions(EventContext e)
    {
        if (e.Name == "AuthorizeSecurityGroupIngress")
            return Wrapped(e.Request.Member("ipPermissions")).Append(e.Request);
        var changes = e.Request.Member("ModifySecurityGroupRulesRequest");
        var rules = Wrapped((changes.ValueKind == JsonValueKind.Undefined ? e.Request : changes).Member("SecurityGroupRule"))
            .Concat(Wrapped(e.Request.Member("securityGroupRules")))
            .Concat(Wrapped(e.Request.Member("securityGroupRuleSet")));
        return rules
            .Select(rule => rule.Member("SecurityGroupRule") is { ValueKind: JsonValueKind.Object } inner ? inner : rule)
            .Select(rule => rule.Member("securityGroupRule") is { ValueKind: JsonValueKind.Object } inner ? inner : rule);
    }

    /// <summary>CloudTrail writes EC2's lists as <c>{"items": [...]}</c>.</summary>
    private static IEnumerable<JsonElement> Wrapped(JsonElement list) =>
        (list.Member("items") is { ValueKind: not JsonValueKind.Undefined } items ? items : list).Items();

    private static IEnumerable<Network> Networks(JsonElement permission)
    {
        var texts = Widths
            .Select(name => permission.Text(name))
            .Concat(Wrapped(permission.Member("ipRanges")).Select(range => range.Text("cidrIp") ?? range.Text()))
            .Concat(Wrapped(permission.Member("ipv6Ranges")).Select(range => range.Text("cidrIpv6") ?? range.Text()));
        foreach (var text in texts)
        {
            if (text is not null && Network.TryParse(text, out var network))
                yield return network;
        }
    }

    /// <summary>The TCP ports of a permission; null if it has none. Protocol -1 is every protocol and port.</summary>
    private static Ports? PortsOf(JsonElement permission)
    {
        var protocol =
            permission.Text("ipProtocol")
            ?? permission.Text("IpProtocol")
            ?? permission.Whole("ipProtocol")?.ToString(CultureInfo.InvariantCulture)
            ?? permission.Whole("IpProtocol")?.ToString(CultureInfo.InvariantCulture);
        if (protocol is "-1")
            return Ports.All;
        if (protocol is not null and not "6" && !protocol.Equals("tcp", StringComparison.OrdinalIgnoreCase))
            return null;
        long? first = permission.Whole("fromPort") ?? permission.Whole("FromPort"),
            last = permission.Whole("toPort") ?? permission.Whole("ToPort");
        if (first is null or -1 && last is null or -1)
            return protocol is null ? null : Ports.All;
        return new Ports(first ?? last!.Value, last ?? first!.Value);
    }

    /// <summary>One network of all addresses or half of them, or smaller ones that together leave none out that the internet uses.</summary>
    private static bool CoversAll(IReadOnlyList<Network> networks)
    {
        if (networks.Any(network => network.Last - network.First >= network.End / 2))
            return true;
        var sorted = networks.OrderBy(network => network.First).ToList();
        var next = networks[0].IsV6 ? PublicV6.First : UInt128.Zero;
        var end = networks[0].IsV6 ? PublicV6.Last : networks[0].End;
        foreach (var network in sorted)
        {
            if (network.First > next)
                return false;
            if (network.Last >= end)
                return true;
            next = network.Last + 1 > next ? network.Last + 1 : next;
        }
        return false;
    }

    /// <summary>2000::/3, the addresses of IPv6 that can be reached from everywhere (RFC 4291).</summary>
    private static readonly (UInt128 First, UInt128 Last) PublicV6 = (UInt128.One << 125, (UInt128.One << 126) - 1);

    private readonly record struct Ports(long First, long Last)
    {
        public static Ports All { get; } = new(0, 65535);
    }

    /// <summary>A range of addresses. Its digits count only as far as the prefix reaches: anonymised trails write others before <c>/0</c>.</summary>
    private readonly record struct Network(UInt128 First, UInt128 Last, bool IsV6)
    {
        public UInt128 End => IsV6 ? UInt128.MaxValue : uint.MaxValue;

        public static bool TryParse(string text, out Network network)
        {
            network = default;
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 || !int.TryParse(text.AsSpan(slash + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix))
                return false;
            var v6 = text.Contains(':', StringComparison.Ordinal);
            var bits = v6 ? 128 : 32;
            if (prefix > bits)
                return false;
            var all = v6 ? UInt128.MaxValue : uint.MaxValue;
            if (prefix == 0)
            {
                network = new Network(0, all, v6);
                return true;
            }
            if (!System.Net.IPAddress.TryParse(text.AsSpan(0, slash).Trim(), out var address))
                return false;
            var value = UInt128.Zero;
            foreach (var b in address.GetAddressBytes())
                value = (value << 8) | b;
            var rest = prefix == bits ? UInt128.Zero : all >> prefix;
            network = new Network(value & ~rest & all, value | rest, v6);
            return true;
        }
    }
}
