using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>What came of a call to Slack's Web API. Source: the errors that Slack's reference lists with chat.postMessage, chat.update and chat.delete.</summary>
/// <param name="Answer">What it means for the alert.</param>
/// <param name="Channel">The id of the channel that has the message; null if it failed.</param>
/// <param name="Ts">The message's timestamp, which is its name within the channel; null if it failed.</param>
/// <param name="Trouble">Which kind of error.</param>
internal readonly record struct SlackReply(SinkAnswer Answer, string? Channel, string? Ts, SlackTrouble Trouble)
{
    /// <summary>Errors that pass by themselves.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "external_channel_migrating",
    };

    /// <summary>The message, or the thread, is not there or not to be touched any more.</summary>
    private static readonly HashSet<string> Gone = new(StringComparer.Ordinal)
    {
        "message_not_found",
        "thread_not_found",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
        "cant_update_message",
        "edit_window_closed",
        "is_inactive",
        "block_mismatch",
        "cant_delete_message",
    };

    /// <summary>What was sent is not as Slack wants it.</summary>
    private static readonly HashSet<string> Content = new(StringComparer.Ordinal)
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_too_long",
        "msg_blocks_too_long",
        "no_text",
        "markdown_text_conflict",
        "too_many_attachments",
        "attachment_payload_limit_exceeded",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "metadata_must_be_sent_from_app",
        "invalid_arguments",
        "invalid_arg_name",
        "invalid_array_arg",
        "invalid_json",
        "json_not_object",
        "invalid_post_type",
        "invalid_charset",
        "invalid_payload",
    };

    /// <summary>Whether Slack's word for an error means that the message is not as Slack wants it.</summary>
    public static bool IsOfContent(string word) => Content.Contains(word);

    /// <summary>Taken.</summary>
    public static SlackReply Done(string? channel, string? ts) => new(SinkAnswer.Delivered, channel, ts, SlackTrouble.None);

    /// <summary>No answer of Slack's.</summary>
    public static SlackReply Failed(SinkAnswer answer) => new(answer, null, null, SlackTrouble.Other);

    /// <summary>Slack says no, with a word for it.</summary>
    public static SlackReply Failed(string word, string method, TimeSpan? after)
    {
        var said = $"Slack answered {(word.Length > 0 ? word : "an error without a name")} to {method}";
        return Passing.Contains(word) ? Failed(SinkAnswer.Retry(said, after))
            : Gone.Contains(word) ? new SlackReply(SinkAnswer.Retry(said), null, null, SlackTrouble.Gone)
            : Content.Contains(word) ? new SlackReply(SinkAnswer.Refused(said), null, null, SlackTrouble.Content)
            // Token, scopes or channel: an operator mends that, and an alert given up is lost.
            : Failed(SinkAnswer.UntilMended($"{said}: {Check(word)}", SlackAnswer.UntilMended));
    }

    private static string Check(string word) =>
        word switch
        {
            "channel_not_found" => "check the channel; a private one must have the bot as a member",
            "not_in_channel" => "invite the bot to the channel",
            "is_archived" or "channel_is_archived" => "the channel is archived; name another",
            "missing_scope" or "no_permission" or "not_allowed_token_type" => "the bot needs the scope chat:write",
            "invalid_auth" or "not_authed" or "account_inactive" or "token_revoked" or "token_expired" => "check the bot's token",
            _ => "check the bot's token and its channel",
        };
}

/// <summary>The kinds of errors that a sender does something about.</summary>
internal enum SlackTrouble
{
    /// <summary>None.</summary>
    None,

    /// <summary>One that the message has no part in.</summary>
    Other,

    /// <summary>The message to change or to answer to is not there any more.</summary>
    Gone,

    /// <summary>What was sent is not as Slack wants it.</summary>
    Content,
}
