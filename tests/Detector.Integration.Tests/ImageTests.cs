using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Detector.Integration.Tests;

/// <summary>What can be known of the image without an engine that makes it.</summary>
public sealed partial class ImageTests
{
    private static readonly string[] Dockerfile = File.ReadAllText(Repository.PathOf("Dockerfile"))
        .Replace("\\\n", " ", StringComparison.Ordinal)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The instructions of the image itself: behind the last FROM.</summary>
    private static IEnumerable<string> Last => Dockerfile.Skip(Array.FindLastIndex(Dockerfile, line => line.StartsWith("FROM ", StringComparison.Ordinal)));

    [Fact]
    public void Dockerfile_User_IsANumberAndNotRoot()
    {
        var user = Assert.Single(Last, line => line.StartsWith("USER ", StringComparison.Ordinal));

        Assert.Matches("^USER [1-9][0-9]*:[1-9][0-9]*$", user);
    }

    [Fact]
    public void Dockerfile_Image_NeedsNoShell()
    {
        Assert.Contains("-chiseled", Last.First(), StringComparison.Ordinal);
        Assert.DoesNotContain(Last, line => line.StartsWith("RUN ", StringComparison.Ordinal));
        Assert.All(
            Last.Where(line => line.Split(' ')[0] is "ENTRYPOINT" or "CMD" or "HEALTHCHECK"),
            line => Assert.Contains("[\"", line, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Dockerfile_WhatItCopiesAndBuilds_IsInTheContext()
    {
        var ignored = File.ReadAllLines(Repository.PathOf(".dockerignore"));
        var project = Assert.Single(Dockerfile.SelectMany(line => Project().Matches(line)).Select(match => match.Groups[1].Value).Distinct());

        Assert.True(Directory.Exists(Repository.PathOf(project)));
        Assert.DoesNotContain(project.Split('/')[0], ignored);
        Assert.DoesNotContain("rules", ignored);
        Assert.DoesNotContain("infra", ignored);
        Assert.All(
            Dockerfile.Where(line => line.StartsWith("COPY --from=build ", StringComparison.Ordinal)),
            line =>
                Assert.Contains(
                    Sources().Match(line).Groups[1].Value,
                    string.Join('\n', Dockerfile.Where(made => made.StartsWith("RUN ", StringComparison.Ordinal))),
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void ComposeFile_Detector_MayWriteNothingButItsVolume()
    {
        using var compose = File.OpenText(Repository.PathOf("docker-compose.yml"));
        var yaml = new YamlStream();
        yaml.Load(compose);
        var detector = (YamlMappingNode)yaml.Documents[0].RootNode["services"]["detector"];

        Assert.Equal("true", detector["read_only"].ToString());
        Assert.Equal("ALL", Assert.Single((YamlSequenceNode)detector["cap_drop"]).ToString());
        Assert.Equal("no-new-privileges:true", Assert.Single((YamlSequenceNode)detector["security_opt"]).ToString());
        var place = Assert.Single(Last, line => line.StartsWith("VOLUME ", StringComparison.Ordinal))["VOLUME ".Length..];
        Assert.Equal($"ledger:{place}", Assert.Single((YamlSequenceNode)detector["volumes"]).ToString());
        Assert.Contains($"WORKDIR {place}", Last);
    }

    [GeneratedRegex("dotnet publish (?<name>[^ ]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Project();

    [GeneratedRegex("(?<name>[^ ]+) [^ ]+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sources();
}
