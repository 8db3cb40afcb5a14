namespace Detector.App.Doctor;

/// <summary>Tells findings: a table for people, a JSON object a line for programs.</summary>
internal static class DoctorOutput
{
    public static void Table(TextWriter output, IReadOnlyList<Finding> findings)
    {
        var part = findings.Max(finding => finding.Part.Length);
        foreach (var finding in findings)
        {
            output.WriteLine(TextTable.Line([Word(finding.State), finding.Part, OneLine.Of(finding.What)], [7, part], width: null));
            if (finding.Mend is { } mend)
                output.WriteLine($"{new string(' ', 7 + 2 + part + 2)}-> {OneLine.Of(mend)}");
        }
        output.WriteLine();
        var counts = Enum.GetValues<FindingState>()
            .Select(state => (State: state, Count: findings.Count(finding => finding.State == state)))
            .Where(one => one.Count > 0)
            .Select(one => $"{one.Count} {Word(one.State)}");
        output.WriteLine($"{string.Join(", ", counts)}.");
    }

    public static void Json(TextWriter output, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
        {
            JsonOut.Write(
                output,
                json =>
                {
                    json.WriteString("part", finding.Part);
                    json.WriteString("state", Word(finding.State));
                    json.WriteString("what", finding.What);
                    if (finding.Mend is { } mend)
                        json.WriteString("mend", mend);
                }
            );
        }
    }

    private static string Word(FindingState state) => state.ToString().ToLowerInvariant();
}
