namespace Detector.Core;

/// <summary>Finds what somebody who mistyped a name may have meant.</summary>
public static class NearestName
{
    /// <summary>The name fewest edits away, if those are few for its length; else null.</summary>
    public static string? Of(string typed, IEnumerable<string> names)
    {
        var (near, edits) = names
            .Select(name => (name, Distance(typed.ToLowerInvariant(), name.ToLowerInvariant())))
            .DefaultIfEmpty()
            .MinBy(pair => pair.Item2);
        return near is not null && edits <= Math.Max(1, near.Length / 4) ? near : null;
    }

    /// <summary>Characters to insert, delete, replace or swap with their neighbour to turn one text into the other.</summary>
    private static int Distance(string a, string b)
    {
        var edits = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                edits[i, j] =
                    i == 0 || j == 0 ? i + j : Math.Min(edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }
        return edits[a.Length, b.Length];
    }
}
