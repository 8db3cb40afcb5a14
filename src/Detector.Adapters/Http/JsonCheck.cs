using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Detector.Adapters.Http;

/// <summary>
/// Tells whether a body is JSON at all: objects or arrays, one or several in a row. Whether events are in it is for the engine to find out;
/// but of a body that nobody can read only its sender can be told, and only now.
/// </summary>
internal static class JsonCheck
{
    // As deep as the engine reads records.
    private const int MaxDepth = 256;

    /// <summary>What is wrong with a body, with the place; null if nothing is.</summary>
    public static Refusal? Fault(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
            return Bad("the body is not UTF-8");
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = MaxDepth });
        var isEmpty = true;
        try
        {
            while (reader.Read())
            {
                isEmpty = false;
                if (
                    reader.CurrentDepth == 0
                    && reader.TokenType
                        is not (JsonTokenType.StartObject or JsonTokenType.EndObject)
                            and not (JsonTokenType.StartArray or JsonTokenType.EndArray)
                )
                    return Bad($"byte {reader.TokenStartIndex}: expected an object or an array of events");
                if (reader.CurrentDepth == 1 && reader.TokenType is JsonTokenType.PropertyName && IsConfirmation(ref reader))
                    return Confirmation;
            }
        }
        catch (JsonException error)
        {
            return Bad($"line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: not JSON");
        }
        return isEmpty ? Bad("the body is empty") : null;
    }

    private static Refusal Confirmation { get; } =
        new(
            StatusCodes.Status422UnprocessableEntity,
            "SNS subscriptions are not confirmed here, because that means to fetch an address which the sender chose; subscribe a queue to the topic instead"
        );

    private static bool IsConfirmation(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("Type"u8)
        && reader.Read()
        && reader.TokenType is JsonTokenType.String
        && (reader.ValueTextEquals("SubscriptionConfirmation"u8) || reader.ValueTextEquals("UnsubscribeConfirmation"u8));

    private static Refusal Bad(string reason) => new(StatusCodes.Status400BadRequest, reason);
}
