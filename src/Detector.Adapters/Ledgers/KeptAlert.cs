using System.Text.Json;
using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>An alert's body as ledgers keep it.</summary>
internal static class KeptAlert
{
    /// <summary>The alert; null if a damaged or newer body cannot be read, which is told of.</summary>
    public static Alert? Read(byte[] body, string id, IProgress<Notice> notices)
    {
        try
        {
            return AlertJson.Read(body);
        }
        catch (JsonException error)
        {
            notices.Report(new Notice(NoticeSeverity.Error, "ledger", $"alert {id} cannot be read", error));
            return null;
        }
    }
}
