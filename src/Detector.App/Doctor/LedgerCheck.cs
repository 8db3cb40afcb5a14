using System.Globalization;
using Detector.Adapters.Ledgers;
using Detector.Adapters.Ledgers.Redis;
using Detector.Adapters.Sqlite;
using Detector.App.Options;
using Detector.Core;

namespace Detector.App.Doctor;

/// <summary>
/// Whether what is to be told would survive a crash. Looks at a file without opening it as a database: a running detector has it. Redis is asked what it may lose.
/// </summary>
internal static class LedgerCheck
{
    /// <summary>Bytes that a day of trouble may need.</summary>
    private const long LeastSpace = 256L * 1024 * 1024;

    public static IEnumerable<Finding> Look(LedgerOptions options, TimeProvider time)
    {
        if (options.Redis is { } redis)
            return Look(redis.Ledger(options.Retention), time);
        if (options.File is not { } name)
            return [Finding.Warning("ledger", "in memory: after a restart what was told may be told again", "set ledger.file")];
        var file = Path.GetFullPath(name);
        try
        {
            if (Directory.Exists(file))
                return [Finding.Problem("ledger", $"{file} is a folder", "name a file within it")];
            var folder = Existing(Path.GetDirectoryName(file)!);
            var findings = new List<Finding>();
            // SQLite writes its log beside the file, so the folder counts too.
            string[] places = File.Exists(file) ? [file, folder] : [folder];
            if (Array.Find(places, place => !MayWrite(place)) is { } place)
                return
                [
                    Finding.Problem("ledger", $"{place} cannot be written", $"give the program's user{Named(Environment.UserName)} the right to write there"),
                ];
            var space = new DriveInfo(folder).AvailableFreeSpace;
            if (space < LeastSpace)
                findings.Add(
                    Finding.Problem("ledger", $"only {Megabytes(space)} MB are free at {file}", "make room: what cannot be written down stays in the queue")
                );
            if (LedgerFile.WhatIsWrongWith(file) is { } wrong)
                findings.Add(Finding.Problem("ledger", $"{file}: {wrong}", "name another file, or run the version of the program that wrote it"));
            else if (LedgerFile.IsLocked(file))
                findings.Add(
                    Finding.Problem("ledger", $"{file} is locked by another program: nothing can be written down", $"end it; fuser {file} tells which it is")
                );
            return findings.Count > 0 ? findings : [Finding.Ok("ledger", $"{file}, {Megabytes(space)} MB free{(File.Exists(file) ? "" : ", not made yet")}")];
        }
        catch (StorageException e)
        {
            return [Finding.Problem("ledger", e.Message, "see docs/operating.md, The ledger's file")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [Finding.Problem("ledger", $"{file} cannot be looked at: {e.Message}", "name a file on a disk that is there")];
        }
    }

    private static List<Finding> Look(RedisLedgerOptions redis, TimeProvider time)
    {
        var risks = new Risks();
        try
        {
            using var desk = new RedisDesk(redis, time, Random.Shared, risks);
            return risks.Found.Count > 0 ? risks.Found : [Finding.Ok("ledger", $"Redis answers, and loses nothing that it has taken ({redis.Prefix})")];
        }
        catch (StorageException e)
        {
            return
            [
                Finding.Problem(
                    "ledger",
                    e.Message,
                    "start it, let this machine reach it, mend ledger.redis, or give its user the rights that docs/operating.md lists"
                ),
            ];
        }
    }

    /// <summary>What a server tells of itself when it is connected to.</summary>
    private sealed class Risks : IProgress<Notice>
    {
        public List<Finding> Found { get; } = [];

        public void Report(Notice value) =>
            Found.Add(
                Finding.Warning(
                    "ledger",
                    value.Message,
                    "set it in the server's configuration, or accept it: docs/operating.md says what each setting may lose"
                )
            );
    }

    /// <summary>The user of a container has a number and no name.</summary>
    private static string Named(string user) => user.Length == 0 ? "" : $" ({user})";

    private static string Existing(string folder) => Directory.Exists(folder) ? folder : Existing(Path.GetDirectoryName(folder) ?? "/");

    private static bool MayWrite(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                return true;
            }
            // Nothing else tells on every system; it is gone at once.
            using var trial = new FileStream(
                Path.Combine(path, $".detector-doctor-{Guid.NewGuid():n}"),
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            );
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Megabytes(long bytes) => (bytes / 1024 / 1024).ToString("#,0", CultureInfo.InvariantCulture);
}
