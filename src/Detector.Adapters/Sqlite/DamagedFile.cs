using System.Globalization;
using Detector.Core;

namespace Detector.Adapters.Sqlite;

/// <summary>
/// What is done about a database whose content is damaged: it is moved aside as it is, for whoever wants to look, told of, and another takes its place. The service
/// that stands still to keep a file nobody can read would miss what happens now.
/// </summary>
/// <param name="subject">Whose file it is, for the notice.</param>
/// <param name="loss">What is missing without it, and what to do about that.</param>
/// <param name="time">Names the file that is put aside.</param>
/// <param name="notices">Told of it.</param>
internal sealed class DamagedFile(string subject, string loss, TimeProvider time, IProgress<Notice> notices)
{
    /// <summary>Moves the file, with what belongs to it, to a name that tells what it is. Nobody may have it open.</summary>
    /// <exception cref="StorageException">It cannot be moved.</exception>
    public void MoveAside(string file, string kind)
    {
        var aside = $"{file}.damaged-{time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        try
        {
            foreach (var side in (string[])["-wal", "-shm", ""])
            {
                if (File.Exists(file + side))
                    File.Move(file + side, aside + side, overwrite: true);
            }
            StoreFile.Make(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(file, StorageFault.Unavailable, $"the damaged {kind} cannot be moved aside ({error.Message})", error);
        }
        notices.Report(new Notice(NoticeSeverity.Error, subject, $"{file} is damaged: it now lies at {aside}, and a new {kind} is begun. {loss}"));
    }
}
