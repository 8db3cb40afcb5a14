namespace Detector.Tests;

/// <summary>Pages that show commands show what the program answers.</summary>
public sealed class WalkthroughTests
{
    [Fact]
    public async Task WritingRules_FollowedWordForWord_AnswersWhatThePageSays()
    {
        var folder = Directory.CreateTempSubdirectory("walkthrough-").FullName;
        try
        {
            await new Walkthrough("docs/writing-rules.md").FollowAsync(folder, isWhole: true);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
