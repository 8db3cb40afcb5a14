using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Detector.Adapters.Http;

/// <summary>Reads the body of a request, packed or not, within bounds.</summary>
internal static class IntakeBody
{
    /// <summary>The body as UTF-8 JSON (see <see cref="JsonCheck"/>), or why there is none. Nothing is trusted but the bytes.</summary>
    /// <exception cref="BadHttpRequestException">The sender broke off, or sent more than the server reads.</exception>
    public static async ValueTask<(byte[] Body, Refusal? Refusal)> ReadAsync(HttpRequest request, IntakeOptions options, CancellationToken cancellation)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip"))
            return Refuse(StatusCodes.Status415UnsupportedMediaType, "the body may be plain or gzip, not packed otherwise");

        if (await ReadAsync(request.Body, options.MaxBody, cancellation) is not { } body)
            return Refuse(StatusCodes.Status413PayloadTooLarge, $"the body is larger than {options.MaxBody} bytes");
        // No JSON begins so, therefore a file sent as it lies on the disk needs no header to be understood.
        if (body is [0x1f, 0x8b, ..])
        {
            try
            {
                using var packed = new MemoryStream(body, writable: false);
                await using var unpacking = new GZipStream(packed, CompressionMode.Decompress);
                if (await ReadAsync(unpacking, options.MaxUnpacked, cancellation) is not { } unpacked)
                    return Refuse(StatusCodes.Status413PayloadTooLarge, $"the body unpacks to more than {options.MaxUnpacked} bytes");
                body = unpacked;
            }
            catch (InvalidDataException)
            {
                return Refuse(StatusCodes.Status400BadRequest, "the gzip body is damaged");
            }
        }
        if (body is [0xef, 0xbb, 0xbf, ..])
            body = body[3..];
        return JsonCheck.Fault(body) is { } fault ? Refuse(fault.Status, fault.Reason) : (body, null);
    }

    /// <summary>The whole stream, or null if it holds more than a number of bytes. Memory grows with what comes, not with what is announced.</summary>
    private static async ValueTask<byte[]?> ReadAsync(Stream stream, int most, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            if (content.Length + read > most)
                return null;
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    private static (byte[] Body, Refusal? Refusal) Refuse(int status, string reason) => ([], new Refusal(status, reason));
}
