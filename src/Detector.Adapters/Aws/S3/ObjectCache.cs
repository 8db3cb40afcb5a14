using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Detector.Adapters.Files;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// Keeps fetched objects as files: what is there is not fetched again, and the folder can be replayed by itself. A file's place and name tell its bucket, key and
/// ETag, so what changed in the bucket is another file. A file is there whole or not at all. Only the owner may read it.
/// </summary>
public sealed class ObjectCache
{
    // Hidden: a replay of the folder passes over what begins with a dot.
    private const string Partial = ".partial-";

    /// <summary>A file system's longest name is 255 bytes, its longest path 4,096; a key of 1,024 bytes may become three times as long.</summary>
    private const int LongestName = 200;

    private const int LongestPath = 2_000;

    /// <summary>After so long nobody writes to it any more.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly string _folder;
    private int _partials;

    private ObjectCache(string folder) => _folder = folder;

    /// <summary>Opens the folder, and makes it if there is none.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    public static ObjectCache Open(string folder, TimeProvider time)
    {
        var cache = new ObjectCache(Path.GetFullPath(folder));
        MakeFolder(cache._folder);
        foreach (var partial in Directory.EnumerateFiles(cache._folder, Partial + "*").Where(IsAbandoned))
            File.Delete(partial);
        return cache;

        bool IsAbandoned(string file) => File.GetLastWriteTimeUtc(file) < time.GetUtcNow().UtcDateTime - Abandoned;
    }

    /// <summary>Where the object lies, or would lie. Different objects have different places, and none is outside of the folder.</summary>
    internal string PathOf(S3Name name)
    {
        var etag = (name.ETag ?? "").Trim('"');
        var path = string.Join(Path.DirectorySeparatorChar, name.Key.Split('/').Prepend(name.Bucket).Select(Escape)) + "~" + Escape(etag);
        // "%." begins no escaped part.
        return Path.Combine(_folder, path.Length <= LongestPath ? path : Path.Combine(Escape(name.Bucket), $"%.{Hash(name.Key)}~{Escape(etag)}"));
    }

    /// <summary>Opens the object if it is here.</summary>
    /// <param name="name">Which.</param>
    /// <param name="size">Its bytes: a file of another length is none of ours.</param>
    internal FileStream? Find(S3Name name, long size)
    {
        try
        {
            var file = new FileStream(
                PathOf(name),
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                bufferSize: 0,
                FileOptions.SequentialScan
            );
            if (file.Length == size)
                return file;
            file.Dispose();
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Puts an object there, and opens it.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal async Task<FileStream> AddAsync(S3Name name, long size, Stream content, CancellationToken cancellation)
    {
        var path = PathOf(name);
        var partial = Path.Combine(
            _folder,
            string.Create(CultureInfo.InvariantCulture, $"{Partial}{Environment.ProcessId}-{Interlocked.Increment(ref _partials)}")
        );
        try
        {
            var options = PrivateFile.Options(FileMode.Create, FileAccess.Write, FileShare.None);
            options.Options = FileOptions.Asynchronous;
            await using (var file = new FileStream(partial, options))
            {
                await content.CopyToAsync(file, cancellation);
                if (file.Length != size)
                    throw new IOException($"{file.Length} bytes came in place of {size}");
            }
            MakeFolder(Path.GetDirectoryName(path)!);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
        return Find(name, size) ?? throw new IOException("what was just put into the cache is gone from it");
    }

    /// <summary>
    /// Letters, digits and a few marks stay, all else becomes %XX; so no part is empty, begins with a dot, or climbs. What is too long for a name becomes its hash.
    /// </summary>
    private static string Escape(string part)
    {
        if (part.Length == 0)
            return "%";
        var escaped = new StringBuilder(part.Length);
        foreach (var b in Encoding.UTF8.GetBytes(part))
        {
            var stays = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'=' || (b == '.' && escaped.Length > 0);
            _ = stays ? escaped.Append((char)b) : escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        // Some systems drop a dot at the end.
        if (escaped[^1] == '.')
            escaped.Remove(escaped.Length - 1, 1).Append("%2E");
        return escaped.Length <= LongestName ? escaped.ToString() : $"%%{Hash(part)}";
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows() || Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            return;
        }
        // The mode is given to the last folder only: those above it are made one by one.
        MakeFolder(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
