using System.Globalization;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>What an IAM credential report tells of the time before the trail: users, their passwords, MFA and the ages of their keys, though not the keys' ids.</summary>
/// <remarks>IAM User Guide, "Generate credential reports for your AWS account".</remarks>
public static class CredentialReport
{
    /// <summary>Reads a report, CSV as IAM makes it.</summary>
    /// <exception cref="FormatException">It is something else; the message tells the line and why.</exception>
    public static IReadOnlyList<LearnedFact> Read(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        var columns = lines[0].TrimStart('\uFEFF').Split(',').Index().ToDictionary(column => column.Item, column => column.Index, StringComparer.Ordinal);
        foreach (var needed in (string[])["user", "arn", "user_creation_time", "mfa_active"])
        {
            if (!columns.ContainsKey(needed))
            {
                throw new FormatException($"line 1: no credential report: it has no column {needed}");
            }
        }
        var facts = new List<LearnedFact>();
        for (var number = 1; number < lines.Length; number++)
        {
            if (lines[number].Length > 0)
            {
                facts.AddRange(OfUser(new Row(number + 1, lines[number].Split(','), columns)));
            }
        }
        return facts;
    }

    private static IEnumerable<LearnedFact> OfUser(Row row)
    {
        if (row["arn"]?.Split(':', 6) is not ["arn", _, "iam", _, var account, var resource])
        {
            throw new FormatException($"line {row.Number}: '{row["arn"]}' is no ARN of IAM");
        }
        if (!resource.StartsWith("user/", StringComparison.Ordinal) || row["user"] is not { } name)
        {
            yield break; // the root user
        }
        var user = Entity.User(account, name);
        var created = row.Time("user_creation_time") ?? throw new FormatException($"line {row.Number}: user_creation_time is no time");
        yield return new LearnedFact(user, Entity.Created, "", created);
        if (row["password_enabled"] is "true")
        {
            yield return new LearnedFact(user, "password", "", row.Time("password_last_changed") ?? created);
        }
        if (row["mfa_active"] is "true")
        {
            yield return new LearnedFact(user, "mfa:credential report", "", created);
        }
        for (var slot = 1; slot <= 2; slot++)
        {
            if (row[$"access_key_{slot}_active"] is "true")
            {
                yield return new LearnedFact(user, $"{Entity.ReportedKey}{slot}", "Active", row.Time($"access_key_{slot}_last_rotated") ?? created);
            }
            if (row.Time($"access_key_{slot}_last_used_date") is { } used)
            {
                yield return new LearnedFact(user, "seen", "", used);
            }
        }
    }

    private sealed record Row(int Number, string[] Values, Dictionary<string, int> Columns)
    {
        public string? this[string column] => Columns.TryGetValue(column, out var at) && at < Values.Length ? Values[at] : null;

        /// <summary>Null for what the report does not know: <c>N/A</c>, <c>no_information</c>.</summary>
        public DateTimeOffset? Time(string column) =>
            DateTimeOffset.TryParse(this[column], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }
}
