using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Detector.Core.Events;

namespace Detector.Core.Rules.Matchers;

/// <summary>A question asked of one value's text (UTF-8, unescaped).</summary>
internal abstract class ValueTest
{
    public abstract bool Meets(ReadOnlySpan<byte> text);

    public static ValueTest From(FieldTest test) =>
        test switch
        {
            FieldTest.Text text => TextTest.From(text.Pattern),
            FieldTest.Matches regex => new RegexTest(PatternRegex.Compile(regex)),
            FieldTest.Number number => new NumberTest(number),
            FieldTest.Cidr cidr => new CidrTest(cidr.Network),
            FieldTest.Time time => new TimeTest(time),
            FieldTest.Before before => new BeforeTest(before.Limit),
            _ => throw new ArgumentException($"{test.GetType().Name} is not asked of a text", nameof(test)),
        };

    private sealed class RegexTest(Regex regex) : ValueTest
    {
        public override bool Meets(ReadOnlySpan<byte> text) => regex.MatchesInTime(Encoding.UTF8.GetString(text));
    }

    private sealed class NumberTest(FieldTest.Number test) : ValueTest
    {
        public override bool Meets(ReadOnlySpan<byte> text) =>
            decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && test.Operator.Holds(number.CompareTo(test.Value));
    }

    private sealed class CidrTest(IPNetwork network) : ValueTest
    {
        // The longest text of an address, with an embedded IPv4 part and a zone.
        private const int MaxLength = 64;

        public override bool Meets(ReadOnlySpan<byte> text)
        {
            if (text.IsEmpty || text.Length > MaxLength || !TryAddress(Encoding.UTF8.GetString(text), out var address))
            {
                return false;
            }
            return address.AddressFamily == network.BaseAddress.AddressFamily && network.Contains(address);
        }

        /// <summary>
        /// Trails hold IPv4 octets with leading zeros, which are decimal there; the platform would read them as octal. Short forms such as <c>10.1</c>
        /// are no addresses.
        /// </summary>
        private static bool TryAddress(string text, out IPAddress address)
        {
            if (text.Contains(':', StringComparison.Ordinal))
            {
                return IPAddress.TryParse(text, out address!);
            }
            address = IPAddress.None;
            Span<byte> octets = stackalloc byte[4];
            var parts = text.Split('.');
            if (parts.Length != 4)
            {
                return false;
            }
            for (var i = 0; i < 4; i++)
            {
                if (parts[i].Length is 0 or > 3 || !byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out octets[i]))
                {
                    return false;
                }
            }
            address = new IPAddress(octets);
            return true;
        }
    }

    private sealed class BeforeTest(DateTimeOffset limit) : ValueTest
    {
        public override bool Meets(ReadOnlySpan<byte> text) => CloudTrailTime.TryParse(text, out var time) && time < limit;
    }

    private sealed class TimeTest(FieldTest.Time test) : ValueTest
    {
        public override bool Meets(ReadOnlySpan<byte> text)
        {
            if (!CloudTrailTime.TryParse(text, out var time))
            {
                return false;
            }
            decimal part = test.Part switch
            {
                TimePart.Minute => time.Minute,
                TimePart.Hour => time.Hour,
                TimePart.Day => time.Day,
                TimePart.Week => ISOWeek.GetWeekOfYear(time.UtcDateTime),
                TimePart.Month => time.Month,
                _ => time.Year,
            };
            return test.Operator.Holds(part.CompareTo(test.Value));
        }
    }
}
