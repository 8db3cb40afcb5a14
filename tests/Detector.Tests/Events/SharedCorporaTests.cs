using System.IO.Compression;
using System.Text.Json;

namespace Detector.Tests.Events;

/// <summary>The reader on files of other origin.</summary>
public sealed class SharedCorporaTests
{
    [Fact]
    public void Read_EdgeFiles_AsExpected()
    {
        var folder = Places.Shared("corpora/synthetic/edge");
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "EXPECTED.json")));
        foreach (var file in expected.RootElement.EnumerateObject())
        {
            var read = Reading.Of(Content(Path.Combine(folder, file.Name)));

            if (file.Value.GetProperty("events").ValueKind == JsonValueKind.Null)
            {
                Assert.NotEmpty(read.Problems);
            }
            else
            {
                Assert.Equal((file.Name, file.Value.GetProperty("events").GetInt32()), (file.Name, read.Records.Count));
                Assert.Empty(read.Problems);
            }
        }
    }

    [Fact]
    public void Read_TruncatedFile_WhatWasWhole()
    {
        var read = Reading.Of(Content(Places.Shared("corpora/synthetic/edge/truncated.json")));

        Assert.Equal(3, read.Records.Count);
        Assert.Equal("the text ends inside the record", Assert.Single(read.Problems).Reason);
    }

    [Fact]
    public void Read_ShapesInTheWild_NeverThrowsAndNothingIsUnreadable()
    {
        foreach (var path in Directory.GetFiles(Places.Shared("corpora/shapes"), "*", SearchOption.AllDirectories))
        {
            var read = Reading.Of(Content(path));

            Assert.True(read.Problems.Count == 0, $"{path}: {string.Join(", ", read.Problems.Select(p => p.Reason))}");
        }
    }

    /// <summary>A file's bytes, inflated if they are gzip whatever the name says, as far as they go.</summary>
    private static byte[] Content(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes is not [0x1F, 0x8B, ..])
        {
            return bytes;
        }
        using var inflated = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        try
        {
            gzip.CopyTo(inflated);
        }
        catch (InvalidDataException)
        {
            // Truncated: what was inflated so far is enough to see the reader tell of it.
        }
        return inflated.ToArray();
    }
}
