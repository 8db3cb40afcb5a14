namespace Detector.App.RuleTests;

/// <summary>What the cases of one folder's rules came to.</summary>
/// <param name="Tested">The rules.</param>
/// <param name="Checks">The cases, and what else was tried.</param>
/// <param name="Unexercised">Branches that no case takes.</param>
/// <param name="Hints">What mutation noticed that is no fault.</param>
/// <param name="Mutations">How many changed cases were run.</param>
internal sealed record TestedResult(
    TestedRules Tested,
    IReadOnlyList<Check> Checks,
    IReadOnlyList<Unexercised> Unexercised,
    IReadOnlyList<string> Hints,
    int Mutations
)
{
    /// <summary>What people call the rules.</summary>
    public string Name => Tested.Label;

    /// <summary>The name of their folder.</summary>
    public string Folder => Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(Tested.All.First().Place.File)))!;

    public IEnumerable<CaseFailure> Failures => Checks.SelectMany(check => check.Failures);

    public int Passed => Checks.Count(check => check.Failures.Count == 0);

    public int Failed => Checks.Count - Passed;

    /// <summary>Everything that is worth a line and no failure.</summary>
    public IReadOnlyList<string> Notes => [.. Unexercised.Select(branch => $"{branch.Rule.Label} {branch.Text}"), .. Hints];
}

/// <summary>One thing that was tried.</summary>
/// <param name="Name">What: a file's name, or that with what was done to it.</param>
/// <param name="File">The file.</param>
/// <param name="Failures">What went otherwise than it must.</param>
/// <param name="Took">How long it took.</param>
internal sealed record Check(string Name, string File, IReadOnlyList<CaseFailure> Failures, TimeSpan Took);
